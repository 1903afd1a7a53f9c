"""JIRA's REST API."""
