"""A look of the operator brain for the README's picture: an Odoo with overdue invoices and a deal that stands still."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from pydantic import SecretStr

from core import bootstrap
from core.database.embedded import start_embedded_server
from core.settings import Settings
from tests.doubles.odoo import DATABASE, KEY, LOGIN, running_odoo

OVERDUE = ((9, 4_800), (16, 1_250), (34, 320))
"""Days past due, and what is open."""


def look(var: Path) -> None:
    """Looks once at a double of Odoo and proposes what it finds, in the running product's own database."""
    with running_odoo() as odoo:
        settings = Settings(_env_file=None, var_dir=var).model_copy(
            update={
                "odoo_url": odoo.url,
                "odoo_database": DATABASE,
                "odoo_login": LOGIN,
                "odoo_api_key": SecretStr(KEY),
            }
        )
        app = bootstrap.build(settings, url=start_embedded_server(var))
        try:
            now = app.clock.now()
            for number, (days, amount) in enumerate(OVERDUE, start=1):
                odoo.add(
                    "account.move", name=f"INV/2026/{number:04}", partner_id=31, amount_total=amount,
                    invoice_date_due=(now - timedelta(days=days)).date().isoformat(), amount_residual=amount,
                    amount_residual_signed=amount,
                )  # fmt: skip
            before = f"{now - timedelta(days=30):%Y-%m-%d %H:%M:%S}"
            odoo.add_lead(
                name="Web shop for Northwind", stage_id=2, expected_revenue=18_000.0, probability=40.0,
                create_date=before, date_last_stage_update=before, user_id=3,
            )  # fmt: skip
            app.brain.look()
        finally:
            app.close()
