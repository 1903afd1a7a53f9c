"""The JIRA Cloud server: REST v3, the agile API 1.0 and a page for each ticket.

Cloud only: `serverInfo` says so, and clients choose their ways by it. There is no REST v2 and no
Data Center here.
"""
