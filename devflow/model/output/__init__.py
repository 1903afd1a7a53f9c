"""What programs print, as text that says something."""
