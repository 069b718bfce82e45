"""Outgoing HTTP against local servers, and the fence around private networks."""

import asyncio
import datetime
import gzip
import ipaddress
import ssl
import threading
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from lodestone.platform.errors import Unavailable
from lodestone.platform.httpclient import (
    ForbiddenAddress,
    IPAddress,
    PublicOnlyTransport,
    check_url,
    is_public,
    open_client,
    open_fenced_client,
    resolve,
    retry_after_seconds,
    send,
    send_with_retries,
)
from lodestone.platform.unpacking import AnswerTooLarge

PUBLIC = "93.184.215.14"


@dataclass
class Answers:
    """What a server answers, one after the other, the last for ever; and what it was asked."""

    raw: list[bytes]
    requests: list[str] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        self.requests.append(head.decode())
        writer.write(self.raw.pop(0) if len(self.raw) > 1 else self.raw[0])
        await writer.drain()
        writer.close()


def answer(status: str, body: bytes = b"", **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@asynccontextmanager
async def serving(answers: Answers, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    server = await asyncio.start_server(answers.serve, "127.0.0.1", 0, ssl=tls)
    async with server:
        yield server.sockets[0].getsockname()[1]


def resolving(*answers: list[str]) -> Callable[[str, int], Awaitable[list[str]]]:
    """Return a name server that answers each question differently."""
    rest = list(answers)

    async def resolver(host: str, port: int) -> list[str]:
        return rest.pop(0) if len(rest) > 1 else rest[0]

    return resolver


class TestPublicAddresses:
    @pytest.mark.parametrize(
        "address",
        [
            *("127.0.0.1", "127.8.8.8", "10.0.0.1", "172.16.0.1", "192.168.1.1", "0.0.0.0"),
            *("169.254.169.254", "100.64.0.1", "192.0.0.8", "198.18.0.1", "224.0.0.1"),
            *("240.0.0.1", "255.255.255.255", "192.88.99.1", "203.0.113.1"),
            *("::1", "::", "fe80::1", "fc00::1", "fd12::1", "ff02::1", "fec0::1", "2001:db8::1"),
            *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::a9fe:a9fe"),
            *("64:ff9b:1::a00:1", "2002:7f00:1::", "2002:c0a8:101::1"),
            *("::ffff:0:7f00:1", "::5efe:10.0.0.1", "5f00::1", "4000::1", "3fff::1"),
            "168.63.129.16",
        ],
    )
    def test_leave_out_all_that_leads_inside(self, address: str) -> None:
        assert not is_public(ipaddress.ip_address(address))

    @pytest.mark.parametrize(
        "address", [PUBLIC, "8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
    )
    def test_hold_the_open_internet(self, address: str) -> None:
        assert is_public(ipaddress.ip_address(address))

    @given(st.ip_addresses(v=4))
    def test_say_the_same_of_an_address_in_disguise(self, address: ipaddress.IPv4Address) -> None:
        disguised = ipaddress.IPv6Address(f"::ffff:{address}")
        assert is_public(disguised) == is_public(address)


class TestTypedAddresses:
    @pytest.mark.parametrize(
        "url",
        [
            *(
                "http://example.com",
                "ftp://example.com",
                "example.com",
                "",
                "https://",
                "https://[",
            ),
            *(
                "https://127.0.0.1/",
                "https://[::1]/",
                "https://localhost:8000",
                "file:///etc/passwd",
            ),
            *(
                "https://user:password@example.com",
                "https://example.com:0",
                "https://api.localhost.",
            ),
        ],
    )
    def test_are_refused_when_they_are_none_or_lead_inside(self, url: str) -> None:
        with pytest.raises(ForbiddenAddress) as refusal:
            check_url(url, field="webhook_url")
        assert list(refusal.value.fields) == ["webhook_url"]
        assert refusal.value.status == 422

    def test_are_taken_when_they_may_be_public(self) -> None:
        assert check_url("https://example.com/hook?a=1") == "https://example.com/hook?a=1"
        assert check_url("http://127.0.0.1:9", allow_private=True)


class TestTheFence:
    async def test_keeps_names_that_lead_inside_out(self) -> None:
        for inside in (["10.0.0.1"], [PUBLIC, "127.0.0.1"], ["::ffff:169.254.169.254"]):
            transport = PublicOnlyTransport(resolver=resolving(inside))
            async with open_fenced_client(transport=transport) as client:
                with pytest.raises(ForbiddenAddress, match="private network"):
                    await send(client, "GET", "https://example.com/")

    @pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "127.1", "0"])
    async def test_keeps_loopback_in_other_spellings_out(self, host: str) -> None:
        async with open_fenced_client() as client:
            with pytest.raises(ForbiddenAddress):
                await send(client, "GET", f"https://{host}/")

    async def test_connects_to_the_address_that_it_checked(self, tls_pair: "TlsPair") -> None:
        questions: list[str] = []

        async def rebinding(host: str, port: int) -> list[str]:
            questions.append(host)
            return ["127.0.0.1"] if len(questions) == 1 else ["10.0.0.1"]

        async with serving(Answers([answer("200 OK", b"hello")]), tls_pair.server) as port:
            transport = PublicOnlyTransport(
                resolver=rebinding, is_allowed=_any_address, tls=tls_pair.client
            )
            async with open_fenced_client(transport=transport) as client:
                got = await send(client, "GET", f"https://hooks.example:{port}/")
        assert got.text == "hello"
        assert questions == ["hooks.example"]

    async def test_checks_each_hop_of_a_redirect_anew(self, tls_pair: "TlsPair") -> None:
        answers = Answers([answer("302 Found", Location="https://inside.example/")])
        async with serving(answers, tls_pair.server) as port:
            transport = PublicOnlyTransport(
                resolver=resolving(["127.0.0.1"], ["10.0.0.1"]),
                is_allowed=lambda address: str(address) == "127.0.0.1",
                tls=tls_pair.client,
            )
            async with open_fenced_client(transport=transport) as client:
                first = await send(client, "GET", f"https://hooks.example:{port}/")
                assert first.status_code == 302
            transport = PublicOnlyTransport(
                resolver=resolving(["127.0.0.1"], ["10.0.0.1"]),
                is_allowed=lambda address: str(address) == "127.0.0.1",
                tls=tls_pair.client,
            )
            async with open_fenced_client(transport=transport) as client:
                with pytest.raises(ForbiddenAddress):
                    await send(
                        client, "GET", f"https://hooks.example:{port}/", follow_redirects=True
                    )

    async def test_still_wants_the_hosts_own_certificate(self, tls_pair: "TlsPair") -> None:
        answers = Answers([answer("200 OK", b"hello")])
        async with serving(answers, tls_pair.server) as port:
            transport = PublicOnlyTransport(
                resolver=resolving(["127.0.0.1"]), is_allowed=_any_address, tls=tls_pair.client
            )
            async with open_fenced_client(transport=transport) as client:
                good = await send(client, "GET", f"https://hooks.example:{port}/path")
                with pytest.raises(httpx.ConnectError, match="certificate"):
                    await send(client, "GET", f"https://other.example:{port}/path")
        assert good.text == "hello"
        assert f"Host: hooks.example:{port}" in answers.requests[0]
        assert tls_pair.asked_for == ["hooks.example", "other.example"]

    async def test_opens_where_private_addresses_are_allowed(self) -> None:
        answers = Answers([answer("200 OK", b"dev")])
        async with serving(answers) as port, open_fenced_client(allow_private=True) as client:
            assert (await send(client, "GET", f"http://127.0.0.1:{port}/")).text == "dev"


class TestSending:
    async def test_takes_no_answer_beyond_its_limit(self) -> None:
        async with (
            serving(Answers([answer("200 OK", b"x" * 2000)])) as port,
            open_client() as client,
        ):
            url = f"http://127.0.0.1:{port}/"
            assert len((await send(client, "GET", url, largest_answer=2000)).content) == 2000
            with pytest.raises(AnswerTooLarge):
                await send(client, "GET", url, largest_answer=1999)

    async def test_counts_what_an_answer_unpacks_to(self) -> None:
        bomb = answer("200 OK", gzip.compress(b"x" * 100_000), Content_Encoding="gzip")
        async with serving(Answers([bomb])) as port, open_client() as client:
            url = f"http://127.0.0.1:{port}/"
            whole = await send(client, "GET", url)
            assert whole.text == "x" * 100_000
            with pytest.raises(AnswerTooLarge):
                await send(client, "GET", url, largest_answer=50_000)

    @pytest.mark.parametrize("encoding", ["gzip", "gzip, gzip", "br", "zstd", "identity, gzip"])
    async def test_unpacks_no_more_than_it_takes(self, encoding: str) -> None:
        bomb = gzip.compress(bytes(64 * 2**20))
        if encoding == "gzip, gzip":
            bomb = gzip.compress(bomb)
        packed = answer("200 OK", bomb, Content_Encoding=encoding)
        async with serving(Answers([packed])) as port, open_client() as client:
            tracemalloc.start()
            with pytest.raises((AnswerTooLarge, httpx.RemoteProtocolError)):
                await send(client, "GET", f"http://127.0.0.1:{port}/", largest_answer=2**20)
            _, peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        assert peak < 16 * 2**20

    async def test_reads_nothing_of_an_answer_that_leads_on(self) -> None:
        body = gzip.compress(bytes(64 * 2**20))
        hop = answer("302 Found", body, Content_Encoding="gzip", Location="/next")
        answers = Answers([hop, answer("200 OK", b"here")])
        async with serving(answers) as port, open_fenced_client(allow_private=True) as client:
            tracemalloc.start()
            url = f"http://127.0.0.1:{port}/"
            got = await send(client, "GET", url, largest_answer=100, follow_redirects=True)
            _, peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        assert got.text == "here"
        assert peak < 16 * 2**20

    async def test_gives_up_on_a_circle(self) -> None:
        hop = answer("302 Found", Location="/again")
        answers = Answers([hop])
        async with serving(answers) as port, open_fenced_client(allow_private=True) as client:
            url = f"http://127.0.0.1:{port}/"
            with pytest.raises(httpx.TooManyRedirects):
                await send(client, "GET", url, follow_redirects=True)
        assert len(answers.requests) == 6

    async def test_remembers_no_cookies_of_strangers(self) -> None:
        answers = Answers([answer("200 OK", Set_Cookie="seen=1"), answer("200 OK")])
        async with serving(answers) as port, open_fenced_client(allow_private=True) as client:
            for _ in range(2):
                await send(client, "GET", f"http://127.0.0.1:{port}/")
        assert not any("ookie:" in request for request in answers.requests)

    @pytest.mark.parametrize(
        "charset", ["zlib", "bz2", "idna", "undefined", "unicode_escape", "no-such"]
    )
    async def test_reads_a_text_whatever_charset_is_named(self, charset: str) -> None:
        packed = zlib.compress(b"a text")
        page = answer("200 OK", packed, Content_Type=f"text/plain; charset={charset}")
        async with serving(Answers([page])) as port, open_client() as client:
            got = await send(client, "GET", f"http://127.0.0.1:{port}/")
        assert got.text == packed.decode(errors="replace")

    async def test_waits_for_names_in_threads_of_their_own(self) -> None:
        release, loop = threading.Event(), asyncio.get_running_loop()
        busy = [loop.run_in_executor(None, release.wait, 20) for _ in range(64)]
        try:
            assert await asyncio.wait_for(resolve("localhost", 80), 5)
        finally:
            release.set()
            await asyncio.gather(*busy)

    async def test_waits_only_so_long_for_everything_together(self) -> None:
        async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
            for _ in range(20):
                writer.write(b"x")
                await asyncio.sleep(0.05)
            writer.close()

        server = await asyncio.start_server(drip, "127.0.0.1", 0)
        async with server, open_client() as client:
            port = server.sockets[0].getsockname()[1]
            with pytest.raises(httpx.ReadTimeout):
                await send(client, "GET", f"http://127.0.0.1:{port}/", total_seconds=0.2)


class TestRetrying:
    async def test_tries_again_after_a_passing_status(self) -> None:
        answers = Answers(
            [answer("503 Busy"), answer("429 Slow", Retry_After="0"), answer("200 OK")]
        )
        async with serving(answers) as port, open_client() as client:
            final = await send_with_retries(client, "GET", f"http://127.0.0.1:{port}/")
        assert final.status_code == 200
        assert len(answers.requests) == 3

    async def test_returns_the_last_answer_when_it_never_passes(self) -> None:
        answers = Answers([answer("503 Busy", b"still busy")])
        async with serving(answers) as port, open_client() as client:
            final = await send_with_retries(client, "GET", f"http://127.0.0.1:{port}/", attempts=2)
        assert (final.status_code, final.text) == (503, "still busy")
        assert len(answers.requests) == 2

    async def test_does_not_repeat_a_refusal(self) -> None:
        answers = Answers([answer("404 Not Found")])
        async with serving(answers) as port, open_client() as client:
            final = await send_with_retries(client, "GET", f"http://127.0.0.1:{port}/")
        assert final.status_code == 404
        assert len(answers.requests) == 1

    async def test_does_not_wait_for_hours(self) -> None:
        answers = Answers([answer("429 Slow", Retry_After="7200")])
        async with serving(answers) as port, open_client() as client:
            final = await send_with_retries(client, "GET", f"http://127.0.0.1:{port}/")
        assert retry_after_seconds(final) == 7200
        assert len(answers.requests) == 1

    async def test_says_who_does_not_answer(self, unused_tcp_port: int) -> None:
        async with open_client(base_url=f"http://127.0.0.1:{unused_tcp_port}") as client:
            with pytest.raises(Unavailable, match=r"127\.0\.0\.1 does not answer: ConnectError"):
                await send_with_retries(client, "GET", "/v1/things", attempts=2)

    @pytest.mark.parametrize(
        ("value", "seconds"),
        [("5", 5.0), ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0), ("soon", None), ("", None)],
    )
    def test_reads_when_to_come_back(self, value: str, seconds: float | None) -> None:
        assert retry_after_seconds(httpx.Response(429, headers={"Retry-After": value})) == seconds


def _any_address(_: IPAddress) -> bool:
    return True


@dataclass
class TlsPair:
    """A server that is `hooks.example`, and a client that believes its issuer."""

    server: ssl.SSLContext
    client: ssl.SSLContext
    asked_for: list[str | None]


@pytest.fixture
def tls_pair(tmp_path: Path) -> TlsPair:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hooks.example")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("hooks.example")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    path = tmp_path / "server.pem"
    path.write_bytes(
        pem
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    asked_for: list[str | None] = []
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(path)
    server.sni_callback = lambda _, asked, __: asked_for.append(asked)
    return TlsPair(server, ssl.create_default_context(cadata=pem.decode()), asked_for)
