"""The JIRA Cloud server: REST v3, the agile API 1.0 and a page for each ticket."""
