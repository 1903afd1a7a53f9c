"""The command line: parse, call, exit code; one module per group of commands."""
