"""The bundled car-price services, which devflow takes through a ticket's life: backend, frontend,
docs.

Importing this package stops Python from writing bytecode, since a service's version is the content
of this directory and nothing may be written here while it runs. Only this very file is compiled
earlier: start with `python -B` to spare that too.
"""

import sys

sys.dont_write_bytecode = True
