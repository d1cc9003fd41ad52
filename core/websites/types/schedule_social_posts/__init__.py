"""Posts for social networks, each at its time and each on a card that people approve."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from pydantic import model_validator

from core.websites.flow import review_list
from core.websites.inputs import TypeInputs, asked
from core.websites.kind import WebsiteType
from core.websites.social_plan import COLUMNS, posts_of


class Inputs(TypeInputs):
    posts_csv: str = asked(
        "long_text", "Posts", "A table as CSV with the columns at, network, text, link. Times as 2026-12-01T09:00, in UTC where "
        "they name no offset; networks: linkedin, x, mastodon, bluesky. The link is written below the text.",
        max_length=100_000, offers="table", example=f"{','.join(COLUMNS)}\n2026-12-01T09:00Z,mastodon,The new oven is hot.,https://example.com/",
    )  # fmt: skip

    @model_validator(mode="after")
    def _every_line(self) -> Self:
        try:
            posts_of(self.posts_csv)
        except ValueError as problem:
            raise ValueError(f"Posts: {problem}") from None
        return self


def body(kind: WebsiteType) -> Mapping[str, Any]:
    """The plan, its review, then each post: it waits for its time, and its card is approved as any action is."""
    steps = {one.step_id: one for one in kind.manifest.execution_steps}

    def told(step_id: str, scope: str, inputs: list[dict[str, Any]], **fields: Any) -> dict[str, Any]:
        said = steps[step_id]
        return {
            "step_id": step_id, "title": said.title, "description": said.description, "kind": said.kind, "scope": scope,
            "inputs": inputs, **fields,
        }  # fmt: skip

    item = {"entity_type": "social_post", "scope": "post", "context": True}
    return {
        "scopes": {"plan": {"parent": None}, "post": {"parent": "plan"}},
        "document_types": {
            "social_plan": {
                "name": "Plan of posts", "description": "What is posted where, and when.", "scope": "plan",
                "may_own": ["social_post"], "collection_field": "posts",
            },
            "social_receipt": {
                "name": "Receipt", "description": "What the network answered, and where the post stands.", "scope": "post"
            },
        },
        "entity_types": {
            "social_post": {"name": "Post", "parent_doc_type": "social_plan", "creates_scope": "post"}
        },
        "steps": [
            told("plan", "plan", [], type=kind.id, produces="social_plan"),
            told("review", "plan", [{"doc_type": "social_plan", "scope": "plan"}],
                 domains=list(kind.manifest.governance.domains), text=review_list(kind),
                 criteria=list(kind.manifest.governance.criteria)),
            {
                "step_id": "posts", "title": "Each post", "scope": "post", "items_at_once": 50, "on_item_failure": "continue",
                "iterate_over": {
                    "doc_type": "social_plan", "collection_field": "posts", "entity_type": "social_post"
                },
                "steps": [
                    told("wait", "post", [item], until="{{item.at}}"),
                    told("post", "post", [item], produces="social_receipt", operation="social_post", on_rejection="skip",
                         card="Post to {{item.title}}", body="Planned for {{item.at}}.",
                         params={"network": "{{item.network}}", "text": "{{item.text}}"}),
                ],
            },
        ],
    }  # fmt: skip


TYPE = WebsiteType(folder=Path(__file__).parent, inputs=Inputs, drafting=None, body=body)
