"""`python -m devflow` is `devflow`."""

from devflow.cli.main import main

main()
