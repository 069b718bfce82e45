"""A mail server on loopback that takes everything and keeps nothing: a broadcast is measured on it.

    python -m benchmarks.smtp_sink <port file> [--pipelining]

It prints how many mails it took when it is told to end. Each mail is counted by its Message-ID.
"""

import asyncio
import hashlib
import signal
import sys
from pathlib import Path
from typing import cast


class Sink(asyncio.Protocol):
    """One connection; the seen Message-IDs are the server's."""

    seen: dict[bytes, int]
    pipelines: bool

    def __init__(self, seen: dict[bytes, int], *, pipelines: bool) -> None:
        self.seen = seen
        self.pipelines = pipelines
        self.buffer = bytearray()
        self.is_in_data = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        answers = []
        while True:
            if self.is_in_data:
                end = self.buffer.find(b"\r\n.\r\n")
                if end < 0:
                    break
                self._count(bytes(self.buffer[:end]))
                del self.buffer[: end + 5]
                self.is_in_data = False
                answers.append(b"250 taken\r\n")
                continue
            end = self.buffer.find(b"\r\n")
            if end < 0:
                break
            command = bytes(self.buffer[:end])
            del self.buffer[: end + 2]
            answers.append(self._answer(command))
        if answers:
            self.transport.write(b"".join(answers))

    def _answer(self, command: bytes) -> bytes:
        verb = command[:4].upper()
        if verb == b"EHLO":
            extensions = b"250-PIPELINING\r\n" if self.pipelines else b""
            return b"250-sink\r\n" + extensions + b"250 8BITMIME\r\n"
        if verb == b"DATA":
            self.is_in_data = True
            return b"354 go on\r\n"
        if verb == b"QUIT":
            self.transport.write(b"221 bye\r\n")
            self.transport.close()
            return b""
        return b"250 ok\r\n"

    def _count(self, content: bytes) -> None:
        start = content.find(b"\r\nMessage-ID: ")
        line = content[start + 14 : content.find(b"\r\n", start + 14)]
        key = hashlib.blake2b(line, digest_size=8).digest()
        self.seen[key] = self.seen.get(key, 0) + 1


async def serve(port_file: Path, *, pipelines: bool) -> tuple[int, int]:
    """Serve until SIGTERM; return how many mails came, and how many of them came before."""
    seen: dict[bytes, int] = {}
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Sink(seen, pipelines=pipelines), "127.0.0.1", 0)
    await asyncio.to_thread(port_file.write_text, str(server.sockets[0].getsockname()[1]))
    stop = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    await stop.wait()
    server.close()
    return sum(seen.values()), sum(seen.values()) - len(seen)


def main() -> None:
    """Serve, and print what came."""
    import uvloop  # noqa: PLC0415 -- the sink is not to be what is measured

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        total, doubles = runner.run(
            serve(Path(sys.argv[1]), pipelines="--pipelining" in sys.argv[2:])
        )
    print(total, doubles)


if __name__ == "__main__":
    main()
