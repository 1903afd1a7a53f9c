"""A ticket: its text, its names, its sprint and workflow, and the documents that it becomes."""
