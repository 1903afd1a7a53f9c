"""The demo's own checkout, and where it deploys to."""
