"""An image registry over the OCI distribution API, with httpx: what others' clients leave out is
what steps have to know (the digest that a tag leads to, what is attached, what was sent).

Specification: opencontainers/distribution-spec 1.1.
"""
