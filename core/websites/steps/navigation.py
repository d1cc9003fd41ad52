"""The step that lays out the menus: what stands at the top of every page, and what at the foot."""

from __future__ import annotations

from core.executions.automated.work import Done, Outcome, Tools, Work
from core.websites.kind import WebsiteType
from core.websites.stages import Stage, as_edited

_AT_TOP, _AT_FOOT = 7, 20


class NavigationKind(Stage):
    name = "site_navigation"
    title = "Navigation of a site"

    def do(self, work: Work, kind: WebsiteType, tools: Tools) -> Outcome:
        site = as_edited(work)
        names = {page.key: page.name or page.title for page in site.pages}
        # Labels follow the names of pages, which a person may have changed since the draft.
        links = [one.to.removeprefix("page:") for one in site.navigation if one.to.startswith("page:")]
        order = [key for key in links if key in names] + [
            page.key for page in site.pages if page.key not in links and page.path.count("/") < 2
        ]
        told = [{"label": names[key], "to": f"page:{key}"} for key in order]
        first, last = told[: _AT_TOP - 1], told[_AT_TOP - 1 :]
        top = told if len(told) <= _AT_TOP else [*first, last[-1]]  # the way to reach people stays in sight
        content = {"navigation": top, "footer": told[:_AT_FOOT]}
        left_out = [one["label"] for one in told if one not in top]
        note = f"At the foot only: {', '.join(left_out)}." if left_out else ""
        return Done(content, made_by="Countersign", note=note)


KIND = NavigationKind()
