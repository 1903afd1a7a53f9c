"""haproxy as a child process."""
