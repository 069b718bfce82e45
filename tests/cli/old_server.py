"""A server that speaks just enough of PostgreSQL's protocol to say that it is an old version.

Source: https://www.postgresql.org/docs/current/protocol-message-formats.html
"""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager


def _message(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!i", len(body) + 4) + body


def _parameter(name: str, value: str) -> bytes:
    return _message(b"S", f"{name}\0{value}\0".encode())


GREETING = (
    _message(b"R", struct.pack("!i", 0))
    + _parameter("server_version", "14.9")
    + _parameter("client_encoding", "UTF8")
    + _message(b"K", struct.pack("!ii", 1, 1))
    + _message(b"Z", b"I")
)


def _serve(listening: socket.socket) -> None:
    while True:
        try:
            client, _ = listening.accept()
        except OSError:
            return
        with client:
            request = client.recv(4096)
            # Eight bytes are the question whether we speak TLS; the start-up follows a no.
            if len(request) == 8:
                client.sendall(b"N")
                client.recv(4096)
            client.sendall(GREETING)
            client.recv(4096)


@contextmanager
def old_server() -> Iterator[str]:
    """Yield the URL of a PostgreSQL 14.9."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=_serve, args=(listening,))
        thread.start()
        yield f"postgresql://ann:pw@127.0.0.1:{listening.getsockname()[1]}/lodestone"
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()
