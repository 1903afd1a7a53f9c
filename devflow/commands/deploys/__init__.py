"""The commands about what was deployed: each works on the port of deployments alone."""
