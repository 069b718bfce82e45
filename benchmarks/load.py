"""A load generator: keep-alive HTTP over raw sockets, in a process of its own.

`python -m benchmarks.load` reads an `Order` as JSON from standard input and writes a `Result`.
Without a rate it is a closed loop: every connection asks again as soon as it is answered. With a
rate it is an open loop: requests are due at fixed times, and a request that has to wait for a free
connection waits on the clock, so a slow server can't hide behind its own slowness.
"""

import json
import random
import resource
import select
import socket
import subprocess
import sys
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from itertools import count
from urllib.parse import urlencode

WARM_UP_SECONDS = 0.5
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@dataclass(frozen=True)
class Order:
    """What to ask for. `kind` is get, json, form or api.

    json and form post opt-ins of new people; api asks the same again and again, and posts `body`
    where there is one.
    """

    port: int
    kind: str
    path: str
    connections: int
    seconds: float
    rate: float | None = None
    page_id: str = ""
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Result:
    """What came back; latencies in milliseconds, `client_busy` the share of one core we used."""

    requests_per_second: float
    p50: float
    p99: float
    statuses: dict[str, int] = field(default_factory=dict)
    client_busy: float = 0.0


def run(order: Order) -> Result:
    """Run the load in a process of its own. Raises RuntimeError when anything was refused."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.load"],
        input=json.dumps(asdict(order)),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"the load of {order.path} failed: {done.stderr.strip()}")
    result = Result(**json.loads(done.stdout))
    refused = {status: n for status, n in result.statuses.items() if status not in _GOOD}
    if refused:
        raise RuntimeError(f"{order.path} answered {refused}")
    return result


_GOOD = frozenset({"200", "201", "303"})


def requests(order: Order) -> Callable[[], bytes]:
    """Return what writes the next request; each opt-in has an address and an e-mail of its own."""
    common = f"Host: 127.0.0.1:{order.port}\r\nUser-Agent: {BROWSER}\r\n"
    if order.kind == "get":
        page = f"GET {order.path} HTTP/1.1\r\n{common}Accept: text/html\r\n\r\n".encode()
        return lambda: page
    if order.kind == "api":
        same = _api_request(order, common)
        return lambda: same
    make_body = _json_body if order.kind == "json" else _form_body
    media_type = "application/json" if order.kind == "json" else "application/x-www-form-urlencoded"
    run_id = uuid.uuid4().hex[:10]
    start = f"POST {order.path} HTTP/1.1\r\n{common}Content-Type: {media_type}\r\n"
    # Far apart, so that runs within one minute don't meet in the limit of five per address.
    numbers = count(random.randrange(2**24))

    def opt_in() -> bytes:
        number = next(numbers)
        body = make_body(order.page_id, f"p{number}.{run_id}@example.com")
        address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        head = f"X-Forwarded-For: {address}\r\nContent-Length: {len(body)}\r\n\r\n"
        return f"{start}{head}{body}".encode()

    return opt_in


def _api_request(order: Order, common: str) -> bytes:
    body = order.body.encode()
    method = "POST" if body else "GET"
    more = "".join(f"{name}: {value}\r\n" for name, value in order.headers.items())
    length = f"Content-Length: {len(body)}\r\n" if body else ""
    return f"{method} {order.path} HTTP/1.1\r\n{common}{more}{length}\r\n".encode() + body


def _json_body(page_id: str, email: str) -> str:
    return json.dumps(
        {"funnelPageId": page_id, "email": email, "name": "Ada Lovelace", "utmSource": "newsletter"}
    )


def _form_body(_: str, email: str) -> str:
    return urlencode({"email": email, "name": "Ada Lovelace", "website": "", "seconds_shown": 9})


class _Connection:
    __slots__ = ("began", "buffer", "socket")

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        self.buffer = b""
        self.began = 0.0


class _Load:
    def __init__(self, order: Order) -> None:
        self._order = order
        self._next = requests(order)
        self._poll = select.epoll()
        opened = [_Connection(order.port) for _ in range(order.connections)]
        self._connections = {one.socket.fileno(): one for one in opened}
        for number in self._connections:
            self._poll.register(number, select.EPOLLIN)
        self._idle = deque(opened)
        self.latencies: list[float] = []
        self.statuses: dict[str, int] = {}

    def play(self, seconds: float) -> float:
        """Load for so long, wait for the last answers, and return how long it took in all."""
        began = time.perf_counter()
        due = self._arrivals(began, began + seconds)
        upcoming = next(due, None)
        busy = 0
        while upcoming is not None or busy:
            now = time.perf_counter()
            while upcoming is not None and upcoming <= now and self._idle:
                self._send(self._idle.popleft(), upcoming if self._order.rate else now)
                busy += 1
                upcoming = next(due, None)
            pause = -1.0
            if upcoming is not None and self._idle:
                pause = max(0.0, upcoming - time.perf_counter())
            for number, _ in self._poll.poll(pause):
                busy -= self._receive(self._connections[number])
        return time.perf_counter() - began

    def _arrivals(self, start: float, end: float) -> Iterator[float]:
        rate = self._order.rate
        if rate is None:
            while time.perf_counter() < end:
                yield 0.0
            return
        for number in range(int((end - start) * rate)):
            yield start + number / rate

    def _send(self, connection: _Connection, began: float) -> None:
        connection.began = began
        connection.socket.sendall(self._next())

    def _replace(self, connection: _Connection) -> None:
        """Open another for one that lay idle for longer than the server keeps them."""
        del self._connections[connection.socket.fileno()]
        self._idle.remove(connection)
        connection.socket.close()
        opened = _Connection(self._order.port)
        self._connections[opened.socket.fileno()] = opened
        self._poll.register(opened.socket.fileno(), select.EPOLLIN)
        self._idle.append(opened)

    def _receive(self, connection: _Connection) -> bool:
        """Take what has come; true when that completed the answer."""
        got = connection.socket.recv(262_144)
        if not got and connection in self._idle:
            self._replace(connection)
            return False
        if not got:
            raise RuntimeError("the server closed a connection")
        data = connection.buffer + got if connection.buffer else got
        end = data.find(b"\r\n\r\n")
        if end < 0 or len(data) < end + 4 + _length(data[:end]):
            connection.buffer = data
            return False
        self.latencies.append(time.perf_counter() - connection.began)
        status = data[9:12].decode()
        self.statuses[status] = self.statuses.get(status, 0) + 1
        connection.buffer = b""
        self._idle.append(connection)
        return True


def _length(head: bytes) -> int:
    at = head.lower().find(b"\r\ncontent-length:")
    return int(head[at + 17 :].split(b"\r\n", 1)[0]) if at >= 0 else 0


def main() -> None:
    """Do what standard input orders."""
    order = Order(**json.load(sys.stdin))
    load = _Load(order)
    load.play(WARM_UP_SECONDS)
    load.latencies.clear()
    load.statuses.clear()
    before = resource.getrusage(resource.RUSAGE_SELF)
    seconds = load.play(order.seconds)
    after = resource.getrusage(resource.RUSAGE_SELF)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    taken = sorted(load.latencies)
    result = Result(
        requests_per_second=len(taken) / seconds,
        p50=taken[len(taken) // 2] * 1000,
        p99=taken[int(len(taken) * 0.99)] * 1000,
        statuses=load.statuses,
        client_busy=used / seconds,
    )
    json.dump(asdict(result), sys.stdout)


if __name__ == "__main__":
    main()
