"""Local servers that speak the real JIRA Cloud and GitHub protocols, for use without credentials.

Nothing here imports the rest of devflow, so that a client's mistake is not mirrored in its server.
"""
