"""What devflow itself costs: its looks and its ships beside Python's own start."""
