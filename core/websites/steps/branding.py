"""The step that resolves the brand: a layout by tone, colours that can be read, typefaces that a site can bring."""

from __future__ import annotations

from core.executions.automated.work import Done, Outcome, Tools, Work
from core.websites.brand import styled
from core.websites.kind import WebsiteType
from core.websites.layout import find_layouts
from core.websites.stages import Stage, drafted
from core.websites.texts import lean


class BrandingKind(Stage):
    name = "site_branding"
    title = "Brand a site"

    def do(self, work: Work, kind: WebsiteType, tools: Tools) -> Outcome:
        site = drafted(work, kind, tools)
        layout = find_layouts()[site.layout]
        look = styled(site.brand, heading_font=layout.heading_font, body_font=layout.body_font)
        content = {
            "layout": site.layout, "layout_title": layout.title, "brand": lean(site.brand.model_dump(mode="json")),
            "typefaces": {"heading": look.heading.name, "body": look.body.name}, "notes": list(look.notes),
            "colors": {"light": dict(look.light), "dark": dict(look.dark)},
        }  # fmt: skip
        return Done(content, made_by="Countersign", note=" ".join(look.notes))


KIND = BrandingKind()
