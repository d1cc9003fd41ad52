"""An account of HubSpot: the token of a private app, and the portal it belongs to."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from core.connectors.protocol import ConnectorContext, System
from core.connectors.transports.clients import Clients
from core.connectors.transports.crm.hubspot import KEY_PROPERTY, PUBLIC_API, HubSpot, identity
from core.connectors.transports.keys import HeaderKey
from core.connectors.transports.mail_systems import api_address

FAMILY = "hubspot"


class HubspotAccount(BaseModel):
    model_config = ConfigDict(extra="forbid")

    portal: str = Field(
        title="Hub ID", description="The number in the address of HubSpot's pages.", pattern=r"^[0-9]{1,15}$"
    )
    token: HeaderKey = Field(title="Token", max_length=500)
    base_url: Annotated[str, AfterValidator(api_address)] = Field(
        default=PUBLIC_API, title="Address of the API", description="Another one only for a proxy."
    )


class HubspotSystem(System[HubspotAccount]):
    name, title, family = "hubspot", "HubSpot", FAMILY
    account = HubspotAccount
    where = (
        "In HubSpot under Settings → Integrations → Private apps: make one that may read and write contacts and deals, "
        "and copy its token."
    )

    def identity(self, account: HubspotAccount) -> str:
        return identity(account.base_url, account.portal)

    def test(self, account: HubspotAccount, *, timeout: float) -> str:
        client = client_of(account, timeout)
        try:
            details = client.details()
            known = client.properties("deals")
            client.properties("contacts")
        finally:
            client.close()
        words = f"Signed in to the portal {details['portalId']}; contacts and deals can be read."
        if KEY_PROPERTY not in known or not known[KEY_PROPERTY].unique:
            words += f" Deals have no unique property {KEY_PROPERTY} (a text): with it, a deal is never made twice."
        return words


def client_of(account: HubspotAccount, timeout: float) -> HubSpot:
    return HubSpot(account.base_url, account.token.get_secret_value(), account.portal, timeout=timeout)


def hubspot_clients(context: ConnectorContext) -> Clients[HubSpot]:
    timeout = context.settings.call_timeout_seconds
    return Clients(context, FAMILY, {HubspotSystem.name: lambda account: client_of(account, timeout)})
