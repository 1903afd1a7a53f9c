"""What a proxy's keeper and whoever asks it call the files between them. Imports nothing but the
standard library, and little of it: a look at what runs reads them too."""

from pathlib import Path
from typing import Final

TABLE: Final = "table.json"
TAKEN: Final = "taken.json"
TALLIES: Final = "tallies"
HOST: Final = "127.0.0.1"
KEEPER: Final = Path(__file__).with_name("keeper.py")
"""The program that keeps it, which is run by its path."""
