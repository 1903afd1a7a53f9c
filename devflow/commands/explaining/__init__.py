"""What `explain` shows of a step, of an entry and of `project:`."""
