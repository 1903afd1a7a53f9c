"""What holds an environment's public ports and spreads requests over versions and replicas: haproxy
where it is installed, a forwarder of ours elsewhere."""
