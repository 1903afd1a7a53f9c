"""`python dbos_steps.py FILE ENTRIES`: a DBOS workflow of as many steps that do nothing."""

import sys

from dbos import DBOS, DBOSConfig


@DBOS.step()
def nothing(number: int) -> None:
    """One step."""


@DBOS.workflow()
def life(entries: int) -> None:
    """All of them, one after the other."""
    for number in range(entries):
        nothing(number)


def main(file: str, entries: str) -> None:
    """Runs the workflow; what was recorded of it in the file is not run again."""
    config: DBOSConfig = {
        "name": "bench",
        "system_database_url": f"sqlite:///{file}",
        "log_level": "ERROR",
        "run_admin_server": False,
    }
    DBOS(config=config)
    DBOS.launch()
    life(int(entries))
    DBOS.destroy()


if __name__ == "__main__":
    main(*sys.argv[1:])
