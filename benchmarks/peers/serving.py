"""Serves a peer as `lodestone serve` serves the product: same server, same loop, same options.

`python -m benchmarks.peers.serving <module> <port>`; the module has an ASGI application `app`.
"""

import asyncio
import importlib
import sys

import uvicorn
import uvloop


def main() -> None:
    """Serve until a signal."""
    config = uvicorn.Config(
        importlib.import_module(sys.argv[1]).app,
        port=int(sys.argv[2]),
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
    )
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(uvicorn.Server(config).serve())


if __name__ == "__main__":
    main()
