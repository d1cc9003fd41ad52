"""The step that reads a table of posts and puts them in order."""

from __future__ import annotations

from core.executions.automated.work import Done, Outcome, Tools, Work
from core.websites.kind import WebsiteType
from core.websites.social_plan import posts_of
from core.websites.stages import Stage

_MOST_SHOWN = 20


class SocialPlanKind(Stage):
    name = "social_plan"
    title = "Plan of posts"
    reads_inputs = True

    def do(self, work: Work, kind: WebsiteType, tools: Tools) -> Outcome:
        posts = posts_of(kind.read(work.run.inputs).posts_csv)
        shown = "\n".join(f"- {one['at']}, {one['title']}" for one in posts[:_MOST_SHOWN])
        more = f"\n- and {len(posts) - _MOST_SHOWN} more in the plan" if len(posts) > _MOST_SHOWN else ""
        count = f"{len(posts)} post{'s' if len(posts) != 1 else ''}"
        return Done({"posts": posts, "count": count, "text": shown + more}, made_by="Countersign")


KIND = SocialPlanKind()
