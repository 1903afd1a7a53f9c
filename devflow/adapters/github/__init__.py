"""GitHub's REST and GraphQL API."""
