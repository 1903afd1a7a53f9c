"""An image registry: the OCI distribution API 1.1 on a folder, for whoever is on this machine."""
