"""odoo_move_stage: a lead, task or any other record into another stage, and back; a stage's own e-mails are held back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from core.connectors.plan import Change, Effect, Plan, Receipt, confirmed
from core.connectors.protocol import Undoing
from core.connectors.transports.odoo.client import Names, OdooClient, Record
from core.connectors.transports.odoo.lookup import find_one
from core.connectors.transports.odoo.operation import (
    OdooOperation,
    found_records,
    moved_since,
    must_hold,
    request_of,
)
from core.connectors.transports.odoo.params import MoveStageParams
from core.connectors.transports.odoo.silence import SILENT, UNTRACKED, asks_for_rating, writes_to_customer
from core.connectors.transports.odoo.update import stands, write_and_read_back
from core.connectors.transports.odoo.values import Field, plain, shown
from core.errors import InvalidInput

_RATING = "Odoo would ask the customer for a rating by e-mail, past every rule for e-mail: move it in Odoo itself."
_HELD_BACK = "This stage writes to the customer: that is held back, and Odoo's log will not show the move"


class OdooMoveStage(OdooOperation[MoveStageParams]):
    name = "odoo_move_stage"
    title = "Move to another stage in Odoo"
    effect = Effect.REVERSIBLE
    params = MoveStageParams

    def _draft(self, odoo: OdooClient | None, params: MoveStageParams) -> Plan:
        if odoo is None:
            return Plan(
                operation=self.name, account="", summary=f"Move {params.model} {params.id} to “{params.stage}”",
                request=request_of(params), changes=(Change("stage_id", "Stage", None, params.stage),),
            )  # fmt: skip
        known = odoo.fields(params.model)
        field = known.get("stage_id")
        if field is None or field.get("type") != "many2one" or field.get("readonly"):
            raise InvalidInput(field="Model", problem=f"records of {params.model} have no stages in Odoo.")
        must_hold(odoo, params.model, [params.id], params.expected, known)
        groups = [name for name in ("team_id", "project_id", "partner_id") if name in known]
        row = found_records(odoo, params.model, [params.id], ["stage_id", *groups])[params.id]
        stages = str(field["relation"])
        held = odoo.fields(stages)
        stage = find_one(odoo, stages, params.stage, label="Stage", within=_within(row, held))
        before = plain(row["stage_id"])
        warnings = []
        if before == stage.id:
            warnings.append(f"It is in “{stage.name}” already")
        if plain(row.get("partner_id")) and asks_for_rating(odoo, stages, stage.id, held):
            raise InvalidInput(field="Stage", problem=_RATING)
        sends = writes_to_customer(odoo, stages, stage.id, held)
        if sends:
            warnings.append(_HELD_BACK)
        names = Names(odoo)
        return Plan(
            operation=self.name,
            account="",
            summary=f"Move “{row['display_name']}” ({params.model} {params.id}) to “{stage.name}”",
            request=request_of(params, stage=str(stage.id)),
            changes=(
                Change("stage_id", str(field["string"]), shown(before, field, names), shown(stage.id, field, names)),
            ),
            preconditions={
                "held": {str(params.id): {name: plain(row[name]) for name in ("stage_id", *groups)}},
                "stages": stages,
                "sends": sends,
                "rating": asks_for_rating(odoo, stages, stage.id, held),
            },
            reversible=before is not None,
            warnings=tuple(warnings),
        )

    def where_to_look(self, plan: Plan, key: str) -> str:
        return f"In Odoo, open {plan.request['model']} {plan.request['id']} and look at its stage and its log."

    def _undo(self, plan: Plan, receipt: Mapping[str, Any]) -> Undoing | None:
        asked = plan.request
        before = plan.preconditions.get("held", {}).get(str(asked["id"]), {}).get("stage_id")
        if before is None:
            return None
        request = {"model": asked["model"], "id": asked["id"], "stage": str(before)}
        return Undoing(OdooMoveStage.name, {**request, "expected": {"stage_id": int(asked["stage"])}})

    def _moved(self, client: OdooClient, plan: Plan) -> Iterable[Change]:
        model, stages = plan.request["model"], plan.preconditions["stages"]
        yield from moved_since(client, model, plan.preconditions["held"], client.fields(model))
        stage, known = int(plan.request["stage"]), client.fields(stages)
        for name, label, now in (
            ("sends", "The stage writes to the customer", writes_to_customer(client, stages, stage, known)),
            ("rating", "The stage asks for a rating", asks_for_rating(client, stages, stage, known)),
        ):
            if now != plan.preconditions[name]:
                yield Change(name, label, _yes(not now), _yes(now))

    def _execute(self, client: OdooClient, plan: Plan, key: str) -> Receipt:
        asked, held = plan.request, plan.preconditions
        context = {**SILENT, **UNTRACKED} if held["sends"] else SILENT
        values = {"stage_id": int(asked["stage"])}
        write_and_read_back(client, asked["model"], [asked["id"]], values, held["held"], context)
        return _receipt(client, plan)

    def _verify(self, client: OdooClient, plan: Plan, key: str) -> Receipt | None:
        asked = plan.request
        values = {"stage_id": int(asked["stage"])}
        there = stands(client, asked["model"], [asked["id"]], values, client.fields(asked["model"]))
        return _receipt(client, plan) if there else None


def _within(row: Record, stage: Mapping[str, Field]) -> Sequence[Any]:
    """The stages that are offered for the record: a project's own, a sales team's and those of all teams."""
    project, team = plain(row.get("project_id")), plain(row.get("team_id"))
    if "project_ids" in stage and project:
        return [["project_ids", "in", [project]]]
    if "team_ids" in stage:  # from version 19 on
        return ["|", ["team_ids", "=", False], ["team_ids", "in", [team]]] if team else [["team_ids", "=", False]]
    if "team_id" in stage:
        return ["|", ["team_id", "=", False], ["team_id", "=", team]] if team else [["team_id", "=", False]]
    return []


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _receipt(odoo: OdooClient, plan: Plan) -> Receipt:
    model, record = plan.request["model"], plan.request["id"]
    words = f"{model} {record} is in the new stage (read back)."
    return confirmed(words, reference=f"{model},{record}", url=odoo.link(model, record))
