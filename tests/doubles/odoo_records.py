"""The records of the Odoo double, and what the methods of its models do with them."""

from __future__ import annotations

import re
from copy import deepcopy
from datetime import date, datetime
from itertools import count
from typing import Any

from tests.doubles.odoo_models import FIELDS, START, XML_IDS, blank

ME = 2


class OdooFault(Exception):
    def __init__(self, status: int, kind: str, message: str) -> None:
        self.status, self.kind, self.message = status, kind, message

    @property
    def fault_code(self) -> int:
        if self.kind == "odoo.exceptions.AccessDenied":
            return 3
        return {401: 3, 403: 4, 404: 2, 409: 2}.get(self.status, 2 if self.kind.endswith("UserError") else 1)


class OdooRecords:
    def __init__(self) -> None:
        self.tables: dict[str, dict[int, dict[str, Any]]] = {model: {} for model in FIELDS}
        for model, rows in deepcopy(START).items():
            self.tables[model] = {one: {**blank(model), **row} for one, row in rows.items()}
        self.external: dict[str, tuple[str, int]] = {}
        self.fixed: set[str] = set()
        """External ids marked `noupdate`."""
        self.mails: list[str] = []
        """E-mails that Odoo wrote by itself."""
        self.changes = 0
        self.manager = True
        """Whether the key's user manages access rights; only then external ids can be read."""
        self.forbidden: set[tuple[str, str]] = set()
        """(model, method) that this user has no right to."""
        self._ids = count(7)

    @property
    def leads(self) -> dict[int, dict[str, Any]]:
        return self.tables["crm.lead"]

    def add(self, model: str, /, **values: Any) -> int:
        record = next(self._ids)
        known = FIELDS[model]
        stamps = {"create_uid": ME} if "create_uid" in known else {}
        self.tables[model][record] = {**blank(model), **stamps, **values}
        return record

    def add_lead(self, **values: Any) -> int:
        return self.add("crm.lead", **values)

    def method(self, model: str, method: str, ids: list[int], named: dict[str, Any]) -> Any:
        context = named.get("context") or {}
        if model == "res.users" and method == "context_get":
            return {"lang": "en_US", "tz": "UTC", "uid": ME}
        if model not in FIELDS:
            raise OdooFault(404, "werkzeug.exceptions.NotFound", f"the model '{model}' does not exist")
        self._must_be_allowed(model, method)
        match method:
            case "fields_get":
                wanted = named.get("attributes")
                return {
                    name: {key: value for key, value in field.items() if not wanted or key in wanted}
                    for name, field in FIELDS[model].items()
                }
            case "read":
                return [self._row(model, one, named["fields"]) for one in ids if one in self.tables[model]]
            case "search_read":
                return self._search(model, named, context)
            case "get_metadata":
                return [self._metadata(model, one) for one in ids if one in self.tables[model]]
            case "write":
                return self._write(model, ids, named["vals"], context)
            case "unlink":
                return self._unlink(model, ids)
            case "load":
                return self._load(model, named["fields"], named["data"], context)
        raise OdooFault(404, "werkzeug.exceptions.NotFound", f"the method '{method}' does not exist")

    def _must_be_allowed(self, model: str, method: str) -> None:
        closed = model == "ir.model.data" and not self.manager
        if closed or (model, method) in self.forbidden:
            words = (
                f"You are not allowed to access '{model}' records.\n\n"
                "Contact your administrator to request access if necessary."
            )
            raise OdooFault(403, "odoo.exceptions.AccessError", words)

    # -- reading --------------------------------------------------------------------------------------------------

    def _search(self, model: str, named: dict[str, Any], context: dict[str, Any]) -> list[dict[str, Any]]:
        rows = self._external_rows() if model == "ir.model.data" else self.tables[model]
        found = [
            one
            for one, row in rows.items()
            if (row.get("active", True) or context.get("active_test") is False)
            and _holds({"id": one, **_computed(row)}, named["domain"])
        ]
        for part in reversed((named.get("order") or "").split(",")):
            by, _, way = part.strip().partition(" ")
            if by:
                found.sort(key=lambda one, by=by: {"id": one, **rows[one]}[by], reverse=way == "desc")
        start = named.get("offset") or 0
        return [self._row(model, one, named["fields"]) for one in found[start : start + named["limit"]]]

    def _external_rows(self) -> dict[int, dict[str, Any]]:
        rows = {}
        for number, (name, (model, record)) in enumerate(self.external.items(), 1):
            module, _, called = name.partition(".")
            rows[number] = {"module": module, "name": called, "model": model, "res_id": record}
        return rows

    def _row(self, model: str, record: int, fields: list[str]) -> dict[str, Any]:
        row = _computed((self._external_rows() if model == "ir.model.data" else self.tables[model])[record])
        self._known(model, set(fields) - {"display_name", "id"})
        read: dict[str, Any] = {"id": record}
        for name in fields:
            if name == "display_name":
                read[name] = row.get("name") or row.get("summary") or f"{model},{record}"
                continue
            value, relation = row[name], FIELDS[model][name].get("relation")
            if FIELDS[model][name]["type"] == "many2one" and value:
                named = self.tables.get(str(relation), {}).get(value, {}).get("name")
                value = [value, named or f"{relation},{value}"]
            read[name] = value
        return read

    def _metadata(self, model: str, record: int) -> dict[str, Any]:
        names = [name for name, place in self.external.items() if place == (model, record)]
        spelled = [{"xmlid": name, "noupdate": name in self.fixed} for name in names]
        return {"id": record, "create_uid": [ME, "Asha"], "xmlid": names[0] if names else False, "xmlids": spelled}

    def _known(self, model: str, fields: Any) -> None:
        for name in fields:
            if name not in FIELDS[model]:
                raise OdooFault(500, "builtins.ValueError", f"Invalid field {name!r} on '{model}'")

    # -- changing -------------------------------------------------------------------------------------------------

    def _write(self, model: str, ids: list[int], vals: dict[str, Any], context: dict[str, Any]) -> bool:
        self._known(model, vals)
        for one in ids:
            if one in self.tables[model]:
                self.changes += 1
                values = {name: _cleaned(model, name, _written(value)) for name, value in vals.items()}
                self.tables[model][one].update(values)
                if "stage_id" in vals:
                    self._entered_stage(model, one, context)
                if "user_ids" in vals and not context.get("mail_auto_subscribe_no_notify"):
                    self.mails.append(f"You have been assigned to {self.tables[model][one]['name']}")
        return True

    def _entered_stage(self, model: str, record: int, context: dict[str, Any]) -> None:
        row = self.tables[model][record]
        stage = self.tables[str(FIELDS[model]["stage_id"]["relation"])].get(row["stage_id"], {})
        if stage.get("mail_template_id") and not context.get("mail_notrack"):
            self.mails.append(f"{model},{record} entered {stage['name']}")
        if stage.get("rating_template_id") and stage.get("rating_active") and row.get("partner_id"):
            self.mails.append(f"how did we do with {model},{record}")  # no context holds this one back

    def _unlink(self, model: str, ids: list[int]) -> bool:
        for one in ids:
            if self.tables[model].pop(one, None) is not None:
                self.changes += 1
                gone = [name for name, place in self.external.items() if place == (model, one)]
                for name in gone:
                    del self.external[name]
        return True

    def _load(self, model: str, columns: list[str], data: list[list[str]], context: dict[str, Any]) -> dict[str, Any]:
        """Existing records are written over, unless they are marked and this is an update (`_load_records`)."""
        names = [column.partition("/")[0] for column in columns]
        self._known(model, set(names) - {"id"})
        ids = []
        for row in data:
            try:
                values = {
                    name: self._imported(model, name, column.partition("/")[2], text)
                    for name, column, text in zip(names, columns, row, strict=True)
                    if column != "id"
                }
            except ValueError as wrong:
                return {"ids": False, "messages": [{"type": "error", "message": str(wrong)}], "nextrow": 0}
            for name, field in FIELDS[model].items():
                if field["required"] and not values.get(name, blank(model)[name]):
                    message = f"Missing required value for the field '{field['string']}' ({name})"
                    return {"ids": False, "messages": [{"type": "error", "message": message}], "nextrow": 0}
            ids.append(self._loaded(model, row[columns.index("id")], values, context))
        return {"ids": ids, "messages": [], "nextrow": 0}

    def _loaded(self, model: str, xml_id: str, values: dict[str, Any], context: dict[str, Any]) -> int:
        known = self.external.get(xml_id)
        if known is None or known[1] not in self.tables[model]:
            if model == "mail.activity" and "res_model" not in values:
                values = {"res_model": context.get("default_res_model", False), **values}
            record = self.add(model, **values)
            self.external[xml_id] = (model, record)
            if context.get("noupdate"):
                self.fixed.add(xml_id)
            self._was_created(model, record, context)
        else:
            record = known[1]
            if xml_id in self.fixed and context.get("mode") == "update":
                return record
            self.tables[model][record].update(values)
        self.changes += 1
        return record

    def _was_created(self, model: str, record: int, context: dict[str, Any]) -> None:
        row = self.tables[model][record]
        if model == "mail.activity":
            if not row["res_model"] or not row["res_id"]:
                del self.tables[model][record]
                raise OdooFault(422, "odoo.exceptions.ValidationError", "Activities have to be linked to records.")
            if row["user_id"] not in (ME, False) and not context.get("mail_activity_quick_update"):
                self.mails.append(f"{row['summary']} assigned to you")
        if model == "project.task" and set(row["user_ids"]) - {ME} and not context.get("mail_auto_subscribe_no_notify"):
            self.mails.append(f"You have been assigned to {row['name']}")

    def _imported(self, model: str, name: str, by: str, text: str) -> Any:
        """A cell as `load` reads it: text, by database id (`.id`) or by external id (`id`) for relations."""
        field = FIELDS[model][name]
        label, relation = field["string"], field.get("relation")
        if field["type"] in ("many2one", "many2many"):
            ids = [XML_IDS[one] if by == "id" else int(one) for one in text.split(",") if one]
            for one in ids:
                if relation in self.tables and one not in self.tables[relation]:
                    raise ValueError(f"No matching record found for database id '{one}' in field '{label}'")
            return ids if field["type"] == "many2many" else ids[0] if ids else False
        match field["type"]:
            case "monetary" | "float":
                return float(text or 0)
            case "integer" | "many2one_reference":
                return int(text or 0)
            case "boolean":
                return text == "1"
            case "selection":
                if text and text not in [key for key, _ in field["selection"]]:
                    raise ValueError(f"Value '{text}' not found in selection field '{label}'")
            case "date" if text:
                date.fromisoformat(text)
            case "datetime" if text:
                datetime.strptime(text, "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007 (Odoo's own spelling has no zone)
        return _cleaned(model, name, text) or False


def _cleaned(model: str, name: str, value: Any) -> Any:
    if FIELDS[model][name]["type"] == "html" and isinstance(value, str) and value and not value.startswith("<"):
        return f"<p>{value}</p>"
    return value


def _written(value: Any) -> Any:
    if isinstance(value, list) and value and value[0][0] == 6:
        return value[0][2]
    return value


def _computed(row: dict[str, Any]) -> dict[str, Any]:
    """With what Odoo works out by itself."""
    if "email_normalized" not in row:
        return row
    return {**row, "email_normalized": str(row["email_from"] or "").strip().lower() or False}


def _holds(row: dict[str, Any], domain: list[Any]) -> bool:
    """A domain in prefix notation; terms that no connective asks for are joined by "and"."""
    terms = list(domain)
    result = True
    while terms:
        result = _next(row, terms) and result
    return result


def _next(row: dict[str, Any], terms: list[Any]) -> bool:
    term = terms.pop(0)
    if term in ("|", "&"):
        one, other = _next(row, terms), _next(row, terms)
        return one or other if term == "|" else one and other
    if term == "!":
        return not _next(row, terms)
    name, comparison, value = term
    held = row[name]
    match comparison:
        case "=" if isinstance(held, list):
            return not held if value is False else value in held
        case "=":
            return bool(held == value)
        case "!=":
            return bool(held != value)
        case "<" | ">=":
            if held is False:  # what is not set is NULL, and compares with nothing
                return False
            return bool(held < value) if comparison == "<" else bool(held >= value)
        case "in":
            return bool(set(held) & set(value)) if isinstance(held, list) else held in value
        case "=ilike":
            return bool(re.fullmatch(_pattern(value), str(held or ""), re.IGNORECASE | re.DOTALL))
    raise AssertionError(f"the double does not know {comparison}")


def _pattern(ilike: str) -> str:
    parts = re.findall(r"\\.|.", ilike, re.DOTALL)
    return "".join(".*" if one == "%" else "." if one == "_" else re.escape(one[-1]) for one in parts)
