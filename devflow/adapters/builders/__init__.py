"""Both builders of images behind one port, and the store that they share."""
