"""OCI images as data: documents, layers, and what layers add up to."""
