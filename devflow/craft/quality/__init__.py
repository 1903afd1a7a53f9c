"""Quality: linters, the checks of others, and where findings are told."""
