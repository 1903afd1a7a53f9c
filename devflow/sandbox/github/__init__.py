"""The GitHub server: REST (also under `/api/v3`), the small part of GraphQL that reviews need, and a page per pull request."""
