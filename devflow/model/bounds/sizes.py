"""How large a file may be that devflow reads of a repository: more is refused before it is read."""

from typing import Final

# bytes; 10,000 entries with parameters take about 1 MiB
PIPELINE_BYTES: Final = 4 * 1024 * 1024
# bytes; the largest description of an API that is known here (GitHub's) has 12 MiB
TEXT_BYTES: Final = 32 * 1024 * 1024
