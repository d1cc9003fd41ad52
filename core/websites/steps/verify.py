"""The step that measures a published site: every criterion of its type, and a required one that fails stops the run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from core.executions.automated.work import Done, Fail, Outcome, Tools, Work
from core.websites.check import CheckSubject, Measured
from core.websites.kind import Criterion, WebsiteType
from core.websites.messages import MessageService
from core.websites.rules import CheckState
from core.websites.stages import Stage, document, key_of, sites_of
from core.websites.verifying import gate, summary_of, verify

_MOST_FINDINGS = 6


class VerifyKind(Stage):
    name = "site_verify"
    title = "Verify a published site"

    def do(self, work: Work, kind: WebsiteType, tools: Tools) -> Outcome:
        place, preview, made = (document(work, name) for name in ("site", "site_preview", "site_deployment"))
        sites, version_id = sites_of(tools), UUID(made["version_id"])
        subject = CheckSubject(
            site=sites.site_of(version_id), built=sites.built(version_id), address=made["address"],
            test_key=key_of(work, "verify"), ask_outside=tools.settings.sites_ask_outside,
        )  # fmt: skip
        criteria = kind.manifest.success_criteria
        results = verify(
            subject, [one.name for one in criteria], delivered=tools.service(MessageService).delivered,
            form_address=sites.form_address(place["slug"], place["target"]), thresholds=kind.thresholds,
        )  # fmt: skip
        sites.keep_report(version_id, UUID(made["deployment_id"]), results)
        way = gate(results, kind.criteria)
        if not way.open:
            return Fail(_words(criteria, results, way.stopped_by))
        rendered = results["pages_render"].state is CheckState.PASS if "pages_render" in results else False
        content: dict[str, Any] = {
            "address": made["address"], "number": made["number"], "digest": made["digest"],
            "pages": [one["address"] for one in preview["pages"]] if rendered else [],
            "summary": summary_of(results).sentence, "proven": way.proven,
            "results": [
                {
                    "name": one.name, "title": one.title, "required": one.required,
                    "state": results[one.name].state.value, "evidence": results[one.name].evidence,
                    "findings": list(results[one.name].findings)[:50],
                    **({"threshold": one.threshold} if one.threshold is not None else {}),
                }
                for one in criteria
            ],
        }  # fmt: skip
        unproven = [one.title for one in criteria if one.name in way.unproven]
        note = f"Not checked: {'; '.join(unproven)}." if unproven else ""
        return Done(content, made_by="Countersign", note=note)


def _words(criteria: tuple[Criterion, ...], results: Mapping[str, Measured], stopped_by: Any) -> str:
    """What failed, with what was found, so that somebody can mend it; the report has all of it."""
    said = []
    for one in criteria:
        if one.name in stopped_by:
            measured = results[one.name]
            found = "; ".join(str(finding) for finding in measured.findings[:_MOST_FINDINGS])
            said.append(f"{one.title}: {measured.evidence}{f' {found}.' if found else ''}")
    return f"The site is published and does not hold what it must. {' '.join(said)} Mend it, then retry this step."[
        :2_000
    ]


KIND = VerifyKind()
