"""Know-how by subject: what an entry needs, and whether it is here before it is asked for."""
