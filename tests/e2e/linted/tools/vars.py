"""Finds every var in the JavaScript of a folder, and says so as checkstyle's XML."""

import sys
from pathlib import Path

print('<?xml version="1.0" encoding="utf-8"?>\n<checkstyle version="4.3">')
found = 0
for path in sorted(Path(sys.argv[1]).glob("*.js")):
    print(f'<file name="{path.resolve()}">')
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if line.startswith("var "):
            found += 1
            print(f'<error line="{number}" column="1" message="use let" source="no-var"/>')
    print("</file>")
print("</checkstyle>")
sys.exit(1 if found else 0)
