"""What pipeline.yaml declares of the project itself, as data."""
