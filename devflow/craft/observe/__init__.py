"""Operation: figures of services, of use, and of the run itself."""
