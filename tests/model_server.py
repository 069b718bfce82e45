"""A server on loopback that speaks OpenAI's chat completions and Anthropic's messages.

It answers what it is told, in turn, and keeps what it was asked. Sources:
https://platform.openai.com/docs/api-reference/chat/create, https://docs.anthropic.com/en/api/messages
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class ModelServer:
    """`answers` are texts or HTTP statuses, given in turn; without any left it answers 500."""

    url: str = ""
    answers: list[str | int] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)
    finish_reason: str = "stop"

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take one request and close."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower().split("\r\n")
        pairs = dict(line.split(": ", 1) for line in head[1:] if line)
        body = json.loads(await reader.readexactly(int(pairs["content-length"])))
        self.asked.append(body)
        told = self.answers.pop(0) if self.answers else 500
        status = told if isinstance(told, int) else 200
        is_anthropic = head[0].split(" ")[1].endswith("/messages")
        answer = _error(status) if isinstance(told, int) else self._answer(told, body, is_anthropic)
        payload = json.dumps(answer).encode()
        writer.write(
            f"HTTP/1.1 {status} Told\r\ncontent-type: application/json\r\nconnection: close\r\n"
            f"content-length: {len(payload)}\r\n\r\n".encode()
            + payload
        )
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    def _answer(self, text: str, body: dict[str, Any], is_anthropic: bool) -> dict[str, Any]:
        if is_anthropic:
            return {
                "id": "msg_1",
                "type": "message",
                "role": "assistant",
                "model": body["model"],
                "content": [{"type": "text", "text": text}],
                "stop_reason": "end_turn",
                "stop_sequence": None,
                "usage": {
                    "input_tokens": 100,
                    "output_tokens": 20,
                    "cache_read_input_tokens": 7,
                    "cache_creation_input_tokens": 3,
                },
            }
        return {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1_700_000_000,
            "model": body["model"],
            "choices": [
                {
                    "index": 0,
                    "message": {"role": "assistant", "content": text},
                    "finish_reason": self.finish_reason,
                }
            ],
            "usage": {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120},
        }


def _error(status: int) -> dict[str, Any]:
    return {"error": {"message": f"told to answer {status}", "type": "told", "code": None}}


@asynccontextmanager
async def serving_models() -> AsyncIterator[ModelServer]:
    """Run such a server while the context lasts; its `url` ends in `/v1`."""
    models = ModelServer()
    server = await asyncio.start_server(models.answer, "127.0.0.1", 0)
    async with server:
        models.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        yield models
