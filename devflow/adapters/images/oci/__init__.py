"""Images built of a Dockerfile without an engine, a tool or root: files are put together by path
and written into layers."""
