"""A Stripe of our own: localstripe as a process, and before it what localstripe lacks.

localstripe knows customers, cards, subscriptions and invoices, and sends signed webhooks. Checkout,
the portal and prices it doesn't know, nor today's names of some parameters; the desk in front of it
speaks those, and hands everything else through.
"""

import asyncio
import socket
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl
from uuid import uuid4

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

START_SECONDS = 30.0
SECRET_KEY = "sk_test_a_key_of_our_own"
WEBHOOK_SECRET = "whsec_a_secret_of_our_own"
PRO = "price_pro_monthly"
UNLIMITED = "price_unlimited_monthly"
GOOD_CARD = "4242424242424242"
_LOCALSTRIPE = """
import sys
from aiohttp import web
from localstripe.server import app
web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None)
"""
_AT_THE_DESK = {"proration_behavior", "payment_behavior"}

Fields = dict[str, str]


@dataclass(slots=True)
class Desk:
    """What stands before localstripe. `url` is where Stripe's API is, for us."""

    url: str
    stripe: httpx.Client
    sessions: dict[str, Fields] = field(default_factory=dict)
    updates: list[Fields] = field(default_factory=list)
    is_closed: bool = False

    def call(self, method: str, path: str, fields: Fields | None = None) -> dict[str, Any]:
        """Ask localstripe itself, as somebody who works with Stripe's own pages would."""
        answer = self.stripe.request(method, path, data=fields)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    def pay(self, session_id: str, *, card: str = GOOD_CARD) -> dict[str, Any]:
        """Do what a customer does at checkout; return the subscription."""
        session = self.sessions[session_id]
        self.add_card(session["customer"], card)
        return self.subscribe(
            session["customer"],
            session["line_items[0][price]"],
            plan=session["subscription_data[metadata][plan]"],
        )

    def add_card(self, customer_id: str, card: str = GOOD_CARD) -> None:
        """Give a customer a card."""
        number = {"card[number]": card, "card[exp_month]": "12", "card[exp_year]": "2040"}
        token = self.call("POST", "/v1/tokens", {**number, "card[cvc]": "123"})
        self.call("POST", f"/v1/customers/{customer_id}/sources", {"source": token["id"]})

    def subscribe(self, customer_id: str, price_id: str, *, plan: str) -> dict[str, Any]:
        """Start a subscription."""
        return self.call(
            "POST",
            "/v1/subscriptions",
            {"customer": customer_id, "items[0][plan]": price_id, "metadata[plan]": plan},
        )

    def send_events_to(self, url: str) -> None:
        """Have localstripe send its signed events."""
        path = f"/_config/webhooks/{uuid4().hex}"
        answer = self.stripe.post(path, json={"url": url, "secret": WEBHOOK_SECRET})
        answer.raise_for_status()

    async def take(self, request: Request) -> Response:
        """Answer one request to Stripe's API."""
        if self.is_closed:
            return JSONResponse({"error": {"type": "api_error", "message": "Down."}}, 503)
        body = (await request.body()).decode()
        fields = dict(parse_qsl(body, keep_blank_values=True))
        path = request.url.path
        if request.headers.get("authorization") != f"Bearer {SECRET_KEY}":
            return JSONResponse({"error": {"type": "invalid_request_error"}}, 401)
        if path == "/v1/checkout/sessions":
            return self._open_checkout(fields)
        if path == "/v1/billing_portal/sessions":
            made = {"id": "bps_1", "object": "billing_portal.session"}
            return JSONResponse({**made, "url": f"{self.url}/portal/{fields['customer']}"})
        if path.startswith("/v1/prices/"):
            return self._show_price(path.rpartition("/")[2])
        if path.startswith("/v1/subscriptions/") and request.method == "POST":
            self.updates.append(fields)
            fields = {
                name.replace("[price]", "[plan]"): value
                for name, value in fields.items()
                if name not in _AT_THE_DESK
            }
        answer = self.stripe.request(
            request.method, path, params=dict(request.query_params), data=fields or None
        )
        return Response(answer.content, answer.status_code, media_type="application/json")

    def _open_checkout(self, fields: Fields) -> Response:
        known = self.stripe.get(f"/v1/customers/{fields['customer']}")
        if known.status_code == 404:
            error = {
                "type": "invalid_request_error",
                "code": "resource_missing",
                "param": "customer",
                "message": f"No such customer: '{fields['customer']}'",
            }
            return JSONResponse({"error": error}, 400)
        session_id = f"cs_test_{uuid4().hex}"
        self.sessions[session_id] = fields
        made = {"id": session_id, "object": "checkout.session", "mode": fields["mode"]}
        return JSONResponse({**made, "url": f"{self.url}/pay/{session_id}"})

    def _show_price(self, price_id: str) -> Response:
        plan = self.call("GET", f"/v1/plans/{price_id}")
        return JSONResponse(
            {
                "id": price_id,
                "object": "price",
                "unit_amount": plan["amount"],
                "currency": plan["currency"],
                "recurring": {"interval": plan["interval"]},
            }
        )

    async def show_checkout(self, request: Request) -> Response:
        """Show the page on which a customer pays."""
        is_known = request.path_params["session_id"] in self.sessions
        form = '<h1>Checkout</h1><form method="post"><button>Pay</button></form>'
        return HTMLResponse(form if is_known else "Gone", 200 if is_known else 404)

    async def take_payment(self, request: Request) -> Response:
        """Take the payment, and lead back."""
        session_id = request.path_params["session_id"]
        self.pay(session_id)
        return RedirectResponse(self.sessions[session_id]["success_url"], status_code=303)


@contextmanager
def running_stripe(directory: Path) -> Iterator[Desk]:
    """Run localstripe and the desk, with both plans on sale, until the block ends."""
    inner, outer = free_port(), free_port()
    with (directory / "localstripe.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", _LOCALSTRIPE, str(inner)], stdout=log, stderr=log, cwd=directory
        )
    auth = (SECRET_KEY, "")
    client = httpx.Client(
        base_url=f"http://127.0.0.1:{inner}", auth=auth, trust_env=False, timeout=30
    )
    desk = Desk(f"http://127.0.0.1:{outer}", client)
    try:
        _wait(process, client)
        for price_id, amount in ((PRO, "4900"), (UNLIMITED, "14900")):
            terms = {"currency": "usd", "interval": "month", "product[name]": price_id}
            desk.call("POST", "/v1/plans", {"id": price_id, "amount": amount, **terms})
        with serving(_desk_app(desk), outer):
            yield desk
    finally:
        client.close()
        process.terminate()
        process.wait(timeout=START_SECONDS)


def _desk_app(desk: Desk) -> Starlette:
    methods = ["GET", "POST", "DELETE"]
    return Starlette(
        routes=[
            Route("/pay/{session_id}", desk.show_checkout),
            Route("/pay/{session_id}", desk.take_payment, methods=["POST"]),
            Route("/{path:path}", desk.take, methods=methods),
        ]
    )


@contextmanager
def serving(app: Any, port: int) -> Iterator[None]:
    """Serve an application on loopback in a thread of its own."""
    config = uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    end = time.monotonic() + START_SECONDS
    while not server.started and time.monotonic() < end and thread.is_alive():
        time.sleep(0.01)
    assert server.started
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(START_SECONDS)


class _Announced(uvicorn.Server):
    """A server that says when it is up."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.is_up.set()


@asynccontextmanager
async def serving_here(app: Any) -> AsyncIterator[str]:
    """Serve an application whose connections belong to this loop; yield its address."""
    port = free_port()
    config = uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error", lifespan="off")
    server = _Announced(config)
    task = asyncio.create_task(server.serve())
    await asyncio.wait_for(server.is_up.wait(), START_SECONDS)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await task


def _wait(process: subprocess.Popen[bytes], client: httpx.Client) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            if client.get("/v1/plans").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError("localstripe did not start")


def free_port() -> int:
    """Return a port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
