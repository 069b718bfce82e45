"""The listening socket: bound once by the parent, so that no request is refused while a web
process is replaced, and so that a port in use is known before anything else is touched."""

import errno
import socket

import psutil

from lodestone.cli.failures import CommandError

BACKLOG = 2048


def bind(host: str, port: int) -> socket.socket:
    """Return a listening socket. Raises CommandError naming the port and who holds it."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError as error:
        raise CommandError(f"There is no address {host} on this machine.") from error
    listening = socket.socket(family, kind, protocol)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(address)
    except OSError as error:
        listening.close()
        raise CommandError(_refusal(host, port, error)) from error
    listening.listen(BACKLOG)
    listening.set_inheritable(True)
    return listening


def _refusal(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} of {host} is in use{_holder(port)}: stop that or choose --port."
    if error.errno == errno.EACCES:
        return f"Port {port} is kept for the system: choose --port 1024 or higher."
    return f"{host}:{port} can't be listened on: {error.strerror}."


def _holder(port: int) -> str:
    """Return ` by name (process number)` where the system tells."""
    try:
        for connection in psutil.net_connections(kind="tcp"):
            listens = connection.status == psutil.CONN_LISTEN and connection.laddr
            if listens and listens.port == port and connection.pid:
                return f" by {psutil.Process(connection.pid).name()} (process {connection.pid})"
    except psutil.Error:
        return ""
    return ""
