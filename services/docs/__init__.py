"""The services' own documentation, served as plain HTML pages."""
