"""FLOOR 1, what pipeline.yaml and the environment may say."""
