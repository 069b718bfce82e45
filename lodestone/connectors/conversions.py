"""Conversions told to ad platforms by the server: Meta's Conversions API and LinkedIn's.

Tokens travel in the body or a header, never in an address, which logs keep. Both platforms count an
event once by its id, whether the browser or the server told of it.

Sources: https://developers.facebook.com/docs/marketing-api/conversions-api and
https://learn.microsoft.com/linkedin/marketing/integrations/ads-reporting/conversions-api
"""

from urllib.parse import quote

from lodestone.connectors.outgoing import Api, Json, opened
from lodestone.platform import runtime

RESTLI = "2.0.0"


async def tell_meta(
    event: Json, *, pixel_id: str, token: str, test_event_code: str | None = None
) -> int:
    """Tell a pixel of an event; return the status. Raises: CredentialsRefused, VendorFailed."""
    body: Json = {"data": [event], "access_token": token}
    if test_event_code:
        body["test_event_code"] = test_event_code
    async with opened({}) as client:
        base_url = runtime.current().vendors.meta_url
        api = Api(client, vendor="Meta", base_url=base_url, account=token)
        return (
            await api.send("POST", f"/{quote(pixel_id, safe='')}/events", body=body)
        ).status_code


async def tell_linkedin(event: Json, *, token: str) -> int:
    """Tell a conversion rule of an event; return the status. Raises as `tell_meta`."""
    vendors = runtime.current().vendors
    headers = {
        "authorization": f"Bearer {token}",
        "LinkedIn-Version": vendors.linkedin_version,
        "X-Restli-Protocol-Version": RESTLI,
    }
    async with opened(headers) as client:
        api = Api(client, vendor="LinkedIn", base_url=vendors.linkedin_url, account=token)
        return (await api.send("POST", "/conversionEvents", body=event)).status_code


__all__ = ["tell_linkedin", "tell_meta"]
