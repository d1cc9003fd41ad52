"""The step that settles where messages of visitors go."""

from __future__ import annotations

from core.executions.automated.work import Done, Fail, Outcome, Tools, Work
from core.websites.content import ContactForm
from core.websites.kind import WebsiteType
from core.websites.stages import Stage, as_edited, document, sites_of


class ContactFormKind(Stage):
    name = "site_contact_form"
    title = "Contact form of a site"

    def do(self, work: Work, kind: WebsiteType, tools: Tools) -> Outcome:
        site, place = as_edited(work), document(work, "site")
        pages = [page.path for page in site.pages if any(isinstance(one, ContactForm) for one in page.blocks)]
        if not pages:
            return Fail("No page has a contact form, so nobody could write. Start again with a page for contact.")
        content = {
            "pages": [f"{place['address']}{path}" for path in pages], "sent_to": place["contact_email"],
            "form_address": sites_of(tools).form_address(place["slug"], place["target"]), "fields": ["name", "email", "message"],
            "against_machines": ["a field that people do not see", "a limit for each sender", "a limit for the site"],
            "works_without_javascript": True,
        }  # fmt: skip
        return Done(content, made_by="Countersign")


KIND = ContactFormKind()
