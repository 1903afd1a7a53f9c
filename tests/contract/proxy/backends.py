"""A backend that does what its path says, keeps the very bytes that reached it, and can die as a
killed process does."""

import json
import socket
import threading
from contextlib import suppress
from dataclasses import dataclass, field


@dataclass
class Request:
    """What one request was, as it came."""

    head: bytes
    body: bytes = b""
    trailers: bytes = b""

    @property
    def method(self) -> str:
        return self.head.split(b" ")[0].decode()

    @property
    def path(self) -> str:
        return self.head.split(b" ")[1].decode()

    def fields(self, name: str) -> list[str]:
        """The values of a field, whatever its case."""
        lines = self.head.decode("latin-1").split("\r\n")[1:]
        pairs = [line.partition(":") for line in lines]
        return [value.strip() for key, _, value in pairs if key.lower() == name.lower()]


@dataclass
class Backend:
    """Listens from its making on. ``held`` requests are answered once ``release`` is called."""

    name: str
    requests: list[Request] = field(default_factory=list)
    connections: int = 0

    def __post_init__(self) -> None:
        self._is_dead = False
        self._open: set[socket.socket] = set()
        self._released = threading.Event()
        self._arrived = threading.Semaphore(0)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def await_held(self) -> None:
        """Waits until a request is held."""
        assert self._arrived.acquire(timeout=10)

    def release(self) -> None:
        """Answers what is held, and is held from now on."""
        self._released.set()

    def die(self) -> None:
        """Ends every connection, answers nothing any more, and takes no other."""
        self._is_dead = True
        for one in (self._listener, *self._open):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._released.set()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.add(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with suppress(OSError, ValueError), connection, connection.makefile("rb") as lines:
            while self._one(connection, lines):  # type: ignore[arg-type]
                pass
        self._open.discard(connection)

    def _one(self, connection: socket.socket, lines: socket.SocketIO) -> bool:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            line = lines.readline()
            if not line:
                return False
            head += line
        request = Request(head)
        self.requests.append(request)
        if request.path == "/early":
            connection.sendall(b"HTTP/1.1 413 Large\r\nContent-Length: 0\r\n\r\n")
            return False
        if request.fields("expect"):
            connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        _read_body(request, lines)
        return self._answer(connection, request, lines)

    def _answer(self, connection: socket.socket, request: Request, lines: socket.SocketIO) -> bool:
        path = request.path
        if path == "/held":
            self._arrived.release()
            assert self._released.wait(20)
        if path == "/vanish" or self._is_dead:
            return False
        if path == "/upgrade":
            connection.sendall(
                b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n"
            )
            while data := lines.read1(4096):  # type: ignore[attr-defined]
                connection.sendall(data.upper())
            return False
        if path == "/until-closed":
            connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + b"x" * 100000)
            return False
        if path in FIXED:
            connection.sendall(FIXED[path])
            return True
        if path == "/cut":
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
            return False
        told = {"name": self.name, "body": request.body.decode("latin-1")}
        body = json.dumps(told).encode()
        status = b"500 Broken" if path == "/500" else b"200 OK"
        head = b"HTTP/1.1 %b\r\nKeep-Alive: timeout=5\r\nContent-Length: %d\r\n\r\n"
        head %= (status, len(body))
        connection.sendall(head + (b"" if request.method == "HEAD" else body))
        return True


FIXED = {
    "/204": b"HTTP/1.1 204 No Content\r\n\r\n",
    "/304": b"HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n",
    "/hints": b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
    b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
    "/chunked": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: sum\r\n\r\n"
    b"5\r\nhello\r\n3;x=y\r\n...\r\n0\r\nsum: 8\r\n\r\n",
    "/two-lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc",
}


def _read_body(request: Request, lines: socket.SocketIO) -> None:
    if request.fields("transfer-encoding"):
        while size := int(lines.readline().split(b";")[0], 16):
            request.body += lines.read(size) or b""
            lines.readline()
        while (line := lines.readline()) != b"\r\n":
            request.trailers += line
    elif length := request.fields("content-length"):
        request.body = lines.read(int(length[0])) or b""
