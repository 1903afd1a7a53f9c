"""The web page of the car-price services; forms only, no script anywhere."""
