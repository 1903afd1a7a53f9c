"""What a container has to do before its image is believed."""
