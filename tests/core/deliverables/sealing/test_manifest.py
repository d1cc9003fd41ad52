from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import SecretStr

from core.canonical import digest
from core.deliverables.content import Cell, Report, report_as_json
from core.deliverables.sealing.manifest import PackedFile, cells_digest, manifest_bytes, manifest_of, spelled_cell
from core.deliverables.sealing.shape import ManifestShape
from core.deliverables.sealing.signing import NotSigned, fingerprint, signed, signer_of
from core.settings import Settings
from tests.core.deliverables.packages import FACTS, files_of, members_of
from tests.core.deliverables.reports import hostile_report, report


def test_manifest_says_what_the_report_says_and_which_report_it_was() -> None:
    made = report()
    manifest = manifest_of(FACTS, made, files_of(members_of(made)))
    assert manifest["report"]["sha256"] == digest(report_as_json(made))
    assert manifest["figures"][0] == {
        "key": "estimated.savings.EUR", "label": "Estimated savings", "text": "€11,700.00", "value": "11700.00",
        "unit": "EUR", "basis": "estimated",
    }  # fmt: skip
    assert [(one["key"], one["rows"]) for one in manifest["tables"]][-2:] == [("runs", 8), ("all-runs", 40)]
    assert manifest["approvals"][0]["votes"][0]["who"] == "Asha Rao"
    assert manifest["audit"][0]["previous_hash"] == "ef" * 32
    assert manifest["sources"] == [{"what": "Document Competitor brief, version 3", "id": "doc-1", "sha256": "ab" * 32}]
    assert [one["name"] for one in manifest["files"]] == ["data.zip", "report.html", "report.pdf"]


def test_one_package_has_one_manifest_to_the_byte(settings: Settings) -> None:
    made = report()
    spelled = [
        manifest_bytes(signed(settings, manifest_of(FACTS, made, files))) for files in (_files(), _files()[::-1])
    ]
    assert spelled[0] == spelled[1]
    assert manifest_bytes(json.loads(spelled[0])) == spelled[0]


@pytest.mark.parametrize("made", [report(), hostile_report()])
def test_every_manifest_has_the_shape_that_readers_are_promised(settings: Settings, made: Report) -> None:
    ManifestShape.model_validate(signed(settings, manifest_of(FACTS, made, _files())))


def test_table_digest_does_not_notice_how_a_spreadsheet_is_kept_from_formulas() -> None:
    assert cells_digest([["-5", "=1+1"]]) == cells_digest([["'-5", "'=1+1"]])
    assert cells_digest([["'quoted'"]]) != cells_digest([["quoted'"]])
    assert cells_digest([["a", "b"]]) != cells_digest([["a"], ["b"]])


def test_table_digest_is_of_canonical_json_however_many_rows_there_are() -> None:
    rows = [["Name", "₹ ü 中"], ['"', "\\"], ["\u2028", "\t"]]
    assert cells_digest(iter(rows)) == digest(rows)
    assert cells_digest([]) == digest([])


def test_values_are_spelled_whole_and_without_an_exponent() -> None:
    assert spelled_cell(Cell("1 000", Decimal("1E+3"))) == "1000"
    assert spelled_cell(Cell("0", Decimal("0.000000000001"))) == "0.000000000001"
    assert spelled_cell(Cell("today", datetime(2026, 1, 5, 9, tzinfo=UTC))) == "2026-01-05T09:00:00+00:00"
    assert spelled_cell(Cell("today", datetime(2026, 1, 5, 9, tzinfo=timezone(timedelta(hours=2))))).startswith(
        "2026-01-05T07"
    )
    assert spelled_cell(Cell("as it stands")) == "as it stands"


def test_signature_is_right_only_for_what_was_signed(settings: Settings) -> None:
    manifest = signed(settings, manifest_of(FACTS, report(), _files()))
    assert signer_of(manifest) == fingerprint(settings)
    manifest["figures"][0]["value"] = "11700.01"
    with pytest.raises(NotSigned, match="changed after it was signed"):
        signer_of(manifest)


@pytest.mark.parametrize(
    "wrong",
    [
        None, "x", {}, {"algorithm": "none"}, {"value": "00" * 64}, {"public_key": "00" * 32}, {"fingerprint": "00" * 32},
        {"more": ""}, {"value": "AB" * 64}, {"value": 1}, {"public_key": "zz" * 32},
    ],
)  # fmt: skip
def test_no_other_signature_is_right(settings: Settings, wrong: object) -> None:
    manifest = signed(settings, manifest_of(FACTS, report(), _files()))
    manifest["signature"] = {**manifest["signature"], **wrong} if isinstance(wrong, dict) and wrong else wrong
    with pytest.raises(NotSigned):
        signer_of(manifest)


def test_key_follows_from_the_secret_and_from_nothing_else(settings: Settings, tmp_path: Path) -> None:
    def other(secret: str, var: str) -> Settings:
        return Settings(_env_file=None, var_dir=tmp_path / var, database_url=None, secret_key=SecretStr(secret))

    assert fingerprint(settings) == fingerprint(settings)
    assert fingerprint(other("one" * 20, "a")) == fingerprint(other("one" * 20, "b"))
    assert len({fingerprint(settings), fingerprint(other("one" * 20, "a")), fingerprint(other("two" * 20, "a"))}) == 3


def _files() -> list[PackedFile]:
    return files_of(members_of(report()))
