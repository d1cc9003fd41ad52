"""A contact form as the server gives it back: in the look of the site, with what was typed and what is wrong with it."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

from core.websites.form_words import form_words
from core.websites.message_rules import MOST_EMAIL, MOST_NAME, MOST_TEXT, TRAP
from core.websites.messages import MessageNotTaken
from core.websites.phrasebook import phrasebook

_MAIN = re.compile(r"(<main\b[^>]*>).*(</main>)", re.DOTALL)
_TITLE = re.compile(r"<title>.*?</title>", re.DOTALL)
_HEAD = "<head>"


def form_page(shell: str, refused: MessageNotTaken, *, action: str, language: str, base: str | None = None) -> str:
    """`shell` is a page of the site, whose main part is replaced; one without gives a plain page.

    `base` is where the site's own files lie, if that is another host.
    """
    words, inside = form_words(language), _form(refused, action, language)
    title = Markup("<title>{}</title>").format(words["title"])
    if not _MAIN.search(shell) or _HEAD not in shell:
        lang = language if re.fullmatch(r"[A-Za-z0-9-]{2,35}", language) else "en"
        return (
            f'<!DOCTYPE html>\n<html lang="{lang}">\n<head>\n<meta charset="utf-8">\n{title}\n'
            f'<meta name="viewport" content="width=device-width, initial-scale=1">\n</head>\n<body>\n<main>{inside}</main>\n'
            "</body>\n</html>\n"
        )
    page = _MAIN.sub(lambda found: f"{found[1]}{inside}{found[2]}", shell, count=1)
    page = _TITLE.sub(lambda _: str(title), page, count=1)
    if base is not None:
        page = page.replace(_HEAD, str(Markup('<head>\n<base href="{}">').format(base)), 1)
    return page


def _form(refused: MessageNotTaken, action: str, language: str) -> Markup:
    words, say, typed = form_words(language), phrasebook(language).say, refused.written
    name = _field("name", say("name"), typed.name, refused, language, "text", MOST_NAME)
    email = _field("email", say("email"), typed.email, refused, language, "email", MOST_EMAIL)
    problem, told = _problem("message", refused, language)
    return Markup(
        '\n<section class="block contact">\n<div class="wrap">\n<h1>{title}</h1>\n<p class="lead" role="alert">{said}</p>\n'
        '<form method="post" action="{action}" accept-charset="utf-8">\n{name}\n{email}\n'
        '<div class="field wide"><label for="form-message">{message}</label>{problem}\n'
        '<textarea id="form-message" name="message" rows="6" maxlength="{most}" required{told}>\n{text}</textarea></div>\n'
        '<div class="trap" aria-hidden="true"><label for="form-trap">{leave}</label>\n'
        '<input id="form-trap" name="{trap}" type="text" autocomplete="off" tabindex="-1"></div>\n'
        '<input type="hidden" name="stamp" value="{stamp}">\n'
        '<p class="actions wide"><button class="button" type="submit">{send}</button></p>\n</form>\n</div>\n</section>\n'
    ).format(
        title=words["title"], said=words[refused.said], action=action, name=name, email=email, message=say("message"),
        problem=problem, told=told, most=MOST_TEXT, text=typed.text, leave=say("leave"), trap=TRAP, stamp=refused.stamp,
        send=say("send"),
    )  # fmt: skip


def _field(key: str, label: str, value: str, refused: MessageNotTaken, language: str, kind: str, most: int) -> Markup:
    problem, told = _problem(key, refused, language)
    return Markup(
        '<div class="field"><label for="form-{key}">{label}</label>{problem}\n'
        '<input id="form-{key}" name="{key}" type="{kind}" autocomplete="{key}" maxlength="{most}" required{told} '
        'value="{value}"></div>'
    ).format(key=key, label=label, problem=problem, kind=kind, most=most, told=told, value=value)


def _problem(key: str, refused: MessageNotTaken, language: str) -> tuple[Markup, Markup]:
    """The sentence beside a field, and what ties the field to it."""
    found = refused.written.problems.get(key)
    if found is None:
        return Markup(""), Markup("")
    said = Markup('\n<p id="form-{}-problem"><strong>{}</strong></p>').format(key, form_words(language)[found])
    return said, Markup(' aria-invalid="true" aria-describedby="form-{}-problem"').format(escape(key))
