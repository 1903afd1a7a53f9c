"""The gate before a release: whose word opens it, when, and on what evidence."""
