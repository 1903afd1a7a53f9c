"""What must not be shown, in every form that it may take, and what takes its place."""
