"""What a repository holds that a pipeline is made of, as its own files say it."""
