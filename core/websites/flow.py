"""The definition of a type that makes a site: which step makes which document, out of which others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.websites.kind import WebsiteType

_SCOPE = "site"
_DOCUMENTS: Mapping[str, tuple[str, str]] = {
    "site": ("Site", "Its name, its place among the sites, and the address it will have."),
    "site_pages": ("Pages", "Every page, post and product as it will be drawn, as a person last had it."),
    "site_brand": ("Brand", "Layout, colours and typefaces, with what had to be changed."),
    "site_seo": ("Search", "Title, description and address of every page, for search engines and previews."),
    "site_navigation": ("Navigation", "The menus at the top and the foot of every page."),
    "site_form": ("Contact form", "Where messages go, and what keeps machines from sending any."),
    "site_preview": ("Built site", "The files as they will be published, by their digest, with their preview."),
    "site_deployment": ("Publication", "Where the built site answers."),
    "site_report": ("Report", "Each criterion with what was measured."),
}
_MAKES: Mapping[str, str] = {
    "site_initialise": "site", "site_pages": "site_pages", "site_branding": "site_brand", "site_seo": "site_seo",
    "site_navigation": "site_navigation", "site_contact_form": "site_form", "site_preview": "site_preview",
    "site_deploy": "site_deployment", "site_verify": "site_report",
}  # fmt: skip
_NEEDS: Mapping[str, Sequence[str]] = {
    "site_pages": ("site",),
    "site_branding": ("site",),
    "site_seo": ("site", "site_pages"),
    "site_navigation": ("site", "site_pages"),
    "site_contact_form": ("site", "site_pages"),
    "site_preview": ("site", "site_pages", "site_brand", "site_seo", "site_navigation", "site_form"),
    "vote": ("site_preview",),
    "site_deploy": ("site", "site_preview"),
    "site_verify": ("site", "site_preview", "site_deployment"),
}


def site_flow(kind: WebsiteType) -> Mapping[str, Any]:
    """Its steps are those of the manifest, in that order."""
    steps = kind.manifest.execution_steps
    made = {_MAKES[step.kind] for step in steps if step.kind in _MAKES}
    told = []
    for step in steps:
        one: dict[str, Any] = {
            "step_id": step.step_id, "title": step.title, "description": step.description, "kind": step.kind,
            "scope": _SCOPE,
            "inputs": [{"doc_type": name, "scope": _SCOPE} for name in _NEEDS.get(step.kind, ()) if name in made],
        }  # fmt: skip
        if step.kind in _MAKES:
            one |= {"type": kind.id, "produces": _MAKES[step.kind]}
        if step.kind == "vote":
            governance = kind.manifest.governance
            one |= {
                "domains": list(governance.domains), "text": review_text(kind), "criteria": list(governance.criteria),
            }  # fmt: skip
        told.append(one)
    types = {
        name: {"name": title, "description": description, "scope": _SCOPE}
        for name, (title, description) in _DOCUMENTS.items()
        if name in made
    }
    return {"scopes": {_SCOPE: {"parent": None}}, "document_types": types, "entity_types": {}, "steps": told}


def review_text(kind: WebsiteType) -> str:
    """What is decided on: the built site by its digest, with what is measured afterwards; what reviewers look at is their
    checklist."""
    measured = "\n".join(f"- {one.title}" for one in kind.manifest.success_criteria if one.required)
    return (
        "Publish “{{documents.site_preview.name}}”, version {{documents.site_preview.number}}, exactly as it was built?\n\n"
        "Address: {{documents.site_preview.address}}\n"
        "Preview: {{documents.site_preview.preview}}\n"
        "Digest: {{documents.site_preview.digest}}\n\n"
        f"Measured after it is published:\n{measured}"
    )[:5_000]


def review_list(kind: WebsiteType) -> str:
    """What is decided on: the plan in the version that the ballot names, post by post in its document."""
    return "Post these {{documents.social_plan.count}} at their times?\n\n{{documents.social_plan.text}}"
