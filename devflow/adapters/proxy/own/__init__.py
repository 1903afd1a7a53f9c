"""Our forwarder by request. All of it runs isolated, with nothing but the standard library."""
