"""The GitHub server: REST, the small part of GraphQL that reviews need, and a page for each pull
request.

REST is served at `/` and at `/api/v3`; every url in an answer stays on the side that was asked.
"""
