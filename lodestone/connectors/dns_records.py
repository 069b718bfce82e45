"""The domain name system: what a name points to and what it says of itself, by dnspython.

Source: https://www.rfc-editor.org/rfc/rfc1035
"""

import ipaddress
from collections.abc import Sequence

import dns.asyncresolver
import dns.exception
import dns.name
import dns.nameserver
import dns.rdatatype
import dns.resolver

from lodestone.platform import runtime
from lodestone.platform.errors import Unavailable

SECONDS = 5.0


class NamesUnavailable(Unavailable):
    """No name server gave an answer, which says nothing about the name."""

    code = "dns_unavailable"


async def find_records(name: str, kind: str) -> list[str]:
    """Return a name's records of a kind (CNAME, TXT, A, AAAA), hosts in lower case, no last dot.

    Raises: NamesUnavailable when nobody answers.
    """
    try:
        answer = await _resolver().resolve(name, kind, lifetime=SECONDS, search=False)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer, dns.name.EmptyLabel):
        return []
    except (dns.exception.DNSException, OSError) as error:
        raise NamesUnavailable("The name servers did not answer. Try again in a moment.") from error
    if kind == "TXT":
        return [b"".join(record.strings).decode("utf-8", "replace") for record in answer]
    return [record.to_text().rstrip(".").lower() for record in answer]


async def find_addresses(name: str) -> set[str]:
    """Return the addresses of a name, of both families. Raises as `find_records`."""
    return {*await find_records(name, "A"), *await find_records(name, "AAAA")}


def _resolver() -> dns.asyncresolver.Resolver:
    servers = runtime.current().vendors.dns_servers
    if not servers:
        return dns.asyncresolver.Resolver()
    resolver = dns.asyncresolver.Resolver(configure=False)
    resolver.nameservers = _nameservers(servers)
    return resolver


def _nameservers(servers: Sequence[str]) -> list[dns.nameserver.Nameserver]:
    found: list[dns.nameserver.Nameserver] = []
    for server in servers:
        host, _, port = server.rpartition(":") if server.count(":") == 1 else (server, "", "53")
        found.append(dns.nameserver.Do53Nameserver(str(ipaddress.ip_address(host)), int(port)))
    return found
