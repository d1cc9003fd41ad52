"""Odoo as a kind of system that connections are made for: its form, its name in plans, and the test of an account."""

from __future__ import annotations

from core.connectors.protocol import System
from core.connectors.transports.calls import Refused
from core.connectors.transports.odoo.account import OdooAccount, on_this_machine
from core.connectors.transports.odoo.client import OdooClient
from core.settings import Settings

_APPS = {"crm.lead": "CRM", "project.task": "Project"}
_UNENCRYPTED = "The key travels unencrypted: use https:// unless nobody else is on that network."


class OdooSystem(System[OdooAccount]):
    name = "odoo"
    title = "Odoo"
    family = "odoo"
    account = OdooAccount
    where = "In Odoo, open My profile → Account security → New API key; the key has its user's rights."

    def environment(self, settings: Settings) -> OdooAccount | None:
        if not (settings.odoo_url and settings.odoo_api_key):
            return None
        # Not checked as the form is: an installation that ran with http:// in its environment goes on running.
        return OdooAccount.model_construct(
            url=settings.odoo_url.rstrip("/"), database=settings.odoo_database or None,
            login=settings.odoo_login or None, api="auto", key=settings.odoo_api_key,
        )  # fmt: skip

    def identity(self, account: OdooAccount) -> str:
        return account.identity

    def test(self, account: OdooAccount, *, timeout: float) -> str:
        client = OdooClient(account, timeout=timeout)
        try:
            return _found(client, account)
        finally:
            client.close()


def _found(client: OdooClient, account: OdooAccount) -> str:
    user = client.user()
    rows = client.read("res.users", [user], ["login"]) if user else {}
    who = f"Signed in as {next(iter(rows.values()))['login']}" if rows else "Signed in"
    there = [title for model, title in _APPS.items() if _has(client, model)]
    missing = [title for title in _APPS.values() if title not in there]
    words = f"{who}; {client.version() or 'Odoo'} answers over {client.api}."
    if there:
        words += f" Found {' and '.join(there)}."
    if missing:
        words += f" Not found, or not allowed for this user: {' and '.join(missing)}."
    if account.url.startswith("http://") and not on_this_machine(account.url):
        words += f" {_UNENCRYPTED}"
    return words


def _has(client: OdooClient, model: str) -> bool:
    """Whether the model is there and this user may read it."""
    try:
        client.search(model, [], ["display_name"], 1)
    except Refused as refused:
        if not refused.signed_in:
            raise
        return False
    return True
