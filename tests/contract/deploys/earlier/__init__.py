"""What an earlier devflow left running: its forwarder, as it was."""
