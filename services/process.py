"""Starts one service as a process and ends it: one worker, plain HTTP, and nothing on its screen
but its access log.

The port is taken before the application is built, so that a port in use is known at once and costs
one line, exit code 1.
"""

import argparse
import asyncio
import signal
import socket
import sys
from typing import Callable, Type, Union

import uvicorn

from services import access_log
from services.web import Observed

try:
    from services.http_protocol import Protocol
except ImportError:
    # without httptools uvicorn's own protocol serves, at three times the processor time
    PROTOCOL: Union[Type[asyncio.Protocol], str] = "auto"
else:
    PROTOCOL = Protocol

STOP_S = 0.6  # s for requests in flight after SIGTERM, so that the whole stop takes less than 1 s
BACKLOG = 2048  # connections; uvicorn's own default
LOG_HELP = (
    "file that gets a line of JSON for each request, - for stderr, off for none "
    "(default: %(default)s)"
)


def parser(service: str, port: int) -> argparse.ArgumentParser:
    """Return a command line with what every service takes; a service adds options of its own."""
    command = argparse.ArgumentParser(
        prog=f"python -m services.{service}", description=f"Run the car-price {service}."
    )
    command.add_argument(
        "--host", default="127.0.0.1", help="address to listen on (default: %(default)s)"
    )
    command.add_argument(
        "--port",
        type=int,
        default=port,
        help="port to listen on, 0 for a free one (default: %(default)s)",
    )
    command.add_argument(
        "--access-log", metavar="PATH|-|off", default=access_log.STDERR, help=LOG_HELP
    )
    return command


def serve(service: str, arguments: argparse.Namespace, build: Callable[[], Observed]) -> int:
    """Serve until SIGTERM or SIGINT; return the process's exit code: 0 after a signal, 1 when it
    could not start.

    `build` may raise OSError, or ValueError with a message for the user; each is printed as one
    line.
    """
    try:
        listener = _listen(arguments.host, arguments.port)
    except (OSError, OverflowError) as error:
        place = f"{arguments.host}:{arguments.port}"
        problem = f"cannot listen on {place}: {error}; choose another with --port"
        return _refuse(service, problem)
    with listener:
        try:
            app = build()
            log = access_log.start(arguments.access_log, app.version)
        except (OSError, ValueError) as error:
            return _refuse(service, str(error))
        app.access_log = log
        port = listener.getsockname()[1]
        # whoever started us reads the port here, and waits for it: hence flush
        print(f"carprice-{service}: http://{arguments.host}:{port}", flush=True)
        try:
            _run(app, listener)
        finally:
            if log:
                log.close()
    return 0


def server(app: Observed) -> uvicorn.Server:
    """Return what serves an application, as a process or in a test's thread."""
    # uvloop is taken where it is installed; nobody here asks for the client's address, so proxies'
    # headers are not read
    config = uvicorn.Config(
        app,
        http=PROTOCOL,
        ws="none",
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
    )
    # typed as int, and handed to asyncio.wait_for as it is
    config.timeout_graceful_shutdown = STOP_S  # type: ignore[assignment]
    return uvicorn.Server(config)


def _run(app: Observed, listener: socket.socket) -> None:
    # uvicorn raises the signal once more when it has stopped: without a handler that would be the
    # exit code
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    server(app).run(sockets=[listener])


def _listen(host: str, port: int) -> socket.socket:
    places = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    family, kind, protocol, _, address = places[0]
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        # two sockets may share an address until one of them listens
        listener.listen(BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


def _refuse(service: str, problem: str) -> int:
    print(f"carprice-{service}: {problem}", file=sys.stderr)
    return 1
