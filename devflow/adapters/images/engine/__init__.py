"""Images built by a container engine, Docker's or Podman's, over its API."""
