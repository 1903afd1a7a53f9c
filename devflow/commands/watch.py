"""`status --watch`: the same look each second, for somebody who works beside it; it ends with
Ctrl-C and writes nothing."""

from typing import Callable, Final, NoReturn

from devflow.commands.look import Seen
from devflow.ports.clock import Clock
from devflow.ui.watch import WatchScreen

EVERY_S: Final = (
    1.0  # s between two looks; one look costs about 0.15 s of one core on 400 Python files
)


def watch(clock: Clock, look: Callable[[], Seen], screen: WatchScreen) -> NoReturn:
    """Hands each look to the screen, which knows what has changed. Ends by whatever interrupts it.
    """
    while True:
        seen = look()
        screen(seen.outline, seen.board, running=seen.running)
        clock.sleep(EVERY_S)
