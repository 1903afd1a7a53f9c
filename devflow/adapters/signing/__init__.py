"""Keys, and signatures made with them."""
