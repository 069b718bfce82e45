"""Pure rules of own domains: what is one, what its owner has to set, and what follows a check."""

import ipaddress
import re
from typing import Any

from lodestone.domains.funnels.domains.models import Checked, DomainStatus

LONGEST = 253
OWNERSHIP_LABEL = "_lodestone"
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_SLUG = re.compile(r"/[a-z0-9-]{1,100}(/.*)?")
# What every page needs beside itself, at the same addresses on each host.
SHARED_PATHS = ("/static/", "/api/public/", "/r/")


def clean_domain(text: str) -> str:
    """Return a domain in its one spelling: no scheme, path or port, in lower case, international
    names as DNS has them. Raises: ValueError with a sentence for a person.
    """
    host = text.strip().lower()
    host = re.sub(r"^[a-z][a-z0-9+.-]*://", "", host).partition("/")[0].partition("?")[0]
    host = host.partition(":")[0].rstrip(".")
    try:
        host = host.encode("idna").decode() if not host.isascii() else host
    except UnicodeError:
        raise ValueError("This is not a domain.") from None
    if len(host) > LONGEST:
        raise ValueError(f"A domain has at most {LONGEST} characters.")
    labels = host.split(".")
    if len(labels) < 2 or not all(_LABEL.fullmatch(label) for label in labels):
        raise ValueError("Write a domain such as go.example.com.")
    if labels[-1].isdigit():
        raise ValueError("This is an address, not a domain.")
    return host


def dns_config(domain: str, *, target: str, token: str) -> dict[str, Any]:
    """Return what the owner of a domain has to set."""
    return {
        "type": "CNAME",
        "name": domain,
        "value": target,
        "verification": [
            {
                "type": "TXT",
                "domain": f"{OWNERSHIP_LABEL}.{domain}",
                "value": token,
                "reason": "ownership",
            }
        ],
    }


def judge(
    *,
    domain: str,
    target: str,
    token: str,
    cname: list[str],
    texts: list[str],
    addresses: set[str],
    target_addresses: set[str],
) -> Checked:
    """Return what the records of a domain say.

    A domain without a name below it can't have a CNAME: there the same addresses will do.
    """
    leads_here = target in cname or bool(addresses and addresses <= target_addresses)
    is_owned = token in texts
    problem = None
    if not is_owned:
        problem = f"The TXT record at {OWNERSHIP_LABEL}.{domain} is not there yet."
    elif not leads_here:
        other = next(iter(cname), None)
        problem = f"{domain} points to {other}, not to {target}." if other else None
        problem = problem or f"{domain} does not point to {target} yet."
    return Checked(is_owned=is_owned, leads_here=leads_here, problem=problem)


def next_status(status: DomainStatus, checked: Checked) -> DomainStatus:
    """Return where a check leads. What is active needs its ownership record no more."""
    if status is DomainStatus.ACTIVE:
        return DomainStatus.ACTIVE if checked.leads_here else DomainStatus.ERROR
    if checked.is_owned and checked.leads_here:
        return DomainStatus.ACTIVE
    if checked.is_owned:
        return DomainStatus.VERIFIED
    return DomainStatus.PENDING_DNS if status is DomainStatus.PENDING_DNS else status


def is_own_host(host: str) -> bool:
    """Tell whether a host can only be this installation: a number, or a name of this machine."""
    if "." not in host or host.endswith(".localhost"):
        return True
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def route(host: str, path: str) -> str | None:
    """Return the inner address of a path on an own domain; None when there is nothing."""
    if path.startswith(SHARED_PATHS):
        return path
    return f"/p/@{host}{path}" if _SLUG.fullmatch(path) else None
