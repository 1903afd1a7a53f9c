"""How a version comes in: rolling, blue-green and canary, each once, over the port alone, so that
they mean the same on every target."""
