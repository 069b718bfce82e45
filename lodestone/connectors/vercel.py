"""Vercel: domains added to a project, which then answers on them with a certificate.

Source: https://vercel.com/docs/rest-api
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import quote

from lodestone.connectors.outgoing import Api, Json, VendorFailed, opened, read_list
from lodestone.platform import runtime
from lodestone.platform.errors import Conflict
from lodestone.platform.vendors import VercelProject


@dataclass(frozen=True, slots=True)
class VercelDomain:
    """A domain as the project knows it; `verification` is what its owner has to set first."""

    name: str
    is_verified: bool
    verification: list[Json] = field(default_factory=list)


class Vercel:
    """One project."""

    def __init__(self, api: Api, project: VercelProject) -> None:
        self._api = api
        self._path = f"/v10/projects/{quote(project.project_id, safe='')}/domains"
        self._params: dict[str, str | int] = {"teamId": project.team_id} if project.team_id else {}

    async def add(self, domain: str) -> VercelDomain:
        """Add a domain; one that the project has already is returned.

        Raises: Conflict when it belongs to somebody else there, VendorFailed.
        """
        try:
            return _domain(
                await self._api.ask("POST", self._path, body={"name": domain}, params=self._params)
            )
        except VendorFailed as error:
            if error.http_status not in {400, 409}:
                raise
            known = await self.find(domain)
            if known is None:
                raise Conflict("This domain is in use elsewhere at Vercel.") from error
            return known

    async def find(self, domain: str) -> VercelDomain | None:
        """Find a domain of the project."""
        try:
            path = f"{self._path}/{quote(domain, safe='')}"
            return _domain(await self._api.ask("GET", path, params=self._params))
        except VendorFailed as error:
            if error.http_status == 404:
                return None
            raise

    async def remove(self, domain: str) -> None:
        """Remove a domain; one that is not there is gone already."""
        try:
            path = f"{self._path}/{quote(domain, safe='')}"
            await self._api.send("DELETE", path, params=self._params)
        except VendorFailed as error:
            if error.http_status != 404:
                raise


def _domain(found: Json) -> VercelDomain:
    return VercelDomain(
        name=str(found.get("name") or ""),
        is_verified=bool(found.get("verified")),
        verification=read_list(found, "verification"),
    )


@asynccontextmanager
async def open_vercel(project: VercelProject | None = None) -> AsyncIterator[Vercel | None]:
    """Open the project of the settings; None when this installation answers itself."""
    chosen = project or runtime.current().vendors.vercel
    if chosen is None:
        yield None
        return
    async with opened({"authorization": f"Bearer {chosen.token}"}) as client:
        api = Api(client, vendor="Vercel", base_url=chosen.api_url, account=chosen.token)
        yield Vercel(api, chosen)
