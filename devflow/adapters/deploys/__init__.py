"""What is deployed on this machine."""
