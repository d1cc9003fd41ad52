"""A site as files: every page, its style, its pictures and what machines read of it. Pure: no clock, no network, no database."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from core.errors import CountersignError
from core.websites.brand import Styled, css_of, styled
from core.websites.built import BuiltSite, SiteFile
from core.websites.content import Site
from core.websites.drawing import Assets, Drawing
from core.websites.feed import feed_of
from core.websites.layout import Layout, find_layouts
from core.websites.marks import icon_png, icon_svg, initial_of, preview_png
from core.websites.phrasebook import phrasebook
from core.websites.plan import SENT, plan_of
from core.websites.seo import robots_of, sitemap_of
from core.websites.typefaces import TYPEFACES, beyond_latin, face_rules, font_data

_TYPES = {
    "html": "text/html; charset=utf-8", "css": "text/css; charset=utf-8", "xml": "application/xml; charset=utf-8",
    "txt": "text/plain; charset=utf-8", "svg": "image/svg+xml", "png": "image/png", "webp": "image/webp",
    "woff2": "font/woff2", "webmanifest": "application/manifest+json",
}  # fmt: skip
_WIDE = "FiraGO"
"""Stands behind Inter for Arabic, Hebrew, Cyrillic, Greek, Devanagari and Thai."""
_ATOM = "application/atom+xml; charset=utf-8"


class SiteAddressUnfit(CountersignError):
    """A site cannot lie at {address}. Give an address that begins with https:// or http:// and ends with a slash."""

    http_status = 422


class FormAddressUnfit(CountersignError):
    """A contact form cannot be sent to {address}. Give an address that begins with https://, http:// or a single slash."""

    http_status = 422


@dataclass
class _Files(Assets):
    """What was written so far."""

    files: dict[str, SiteFile] = field(default_factory=dict)

    def put(self, path: str, data: bytes | str, media_type: str = "") -> None:
        raw = data.encode() if isinstance(data, str) else data
        self.files[path] = SiteFile(raw, media_type or _TYPES[path.rsplit(".", 1)[-1]])

    def keep(self, stem: str, ending: str, data: bytes) -> str:
        """Below assets/, under a name that says what is in it, so that it may be cached for ever."""
        file = SiteFile(data, _TYPES[ending])
        path = f"assets/{stem}.{file.sha256[:10]}.{ending}"
        self.files[path] = file
        return path


def generate(
    site: Site, *, address: str, form_action: str | None = None, pictures: Callable[[str], bytes] | None = None
) -> BuiltSite:
    """The files of `site` as they lie at `address`, which ends with a slash; the same arguments give the same bytes.

    `form_action` is where contact forms are sent; without it pages name the e-mail address instead. `pictures` reads a kept
    picture by its SHA-256. Raises SiteAddressUnfit, FormAddressUnfit, SiteHasNoFirstPage and SiteHasTwoPagesAt.
    """
    _check(address, form_action)
    layout, said = _layout(site)
    plan = plan_of(site, address)
    look = styled(site.brand, heading_font=layout.heading_font, body_font=layout.body_font)
    files, words = _Files(), phrasebook(site.language)
    letters = frozenset(map(ord, _all_text(site) + "".join(words.phrases.values())))
    sheet, fonts = _style(files, layout, look, letters, frozenset(ord(one) for one in site.name if one.isalpha()))
    head = {"sheet": sheet, "fonts": fonts, **_marks(files, site, look)}
    if plan.posts:
        files.put("feed.xml", feed_of(plan), _ATOM)
    drawing = Drawing(plan, layout, look, words, files, head, form_action, pictures)
    for place in plan.places:
        files.put(place.file, drawing.page(place))
    files.put("404.html", drawing.missing())
    if form_action is not None and drawing.has_form:
        files.put(f"{SENT}index.html", drawing.sent())
    files.put("sitemap.xml", sitemap_of(plan))
    files.put("robots.txt", robots_of(plan))
    lost = tuple(f"Links to “{key}” were left out, because there is no such page." for key in sorted(plan.unknown))
    return BuiltSite(files.files, (*said, *look.notes, *words.notes, *lost, *drawing.notes))


def _check(address: str, form_action: str | None) -> None:
    if not _is_web(address) or not address.endswith("/") or urlsplit(address).query or urlsplit(address).fragment:
        raise SiteAddressUnfit(address=address)
    if form_action is None:
        return
    beside = form_action.startswith("/") and not form_action.startswith(("//", "/\\"))
    if not beside and not _is_web(form_action):
        raise FormAddressUnfit(address=form_action)


def _is_web(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    plain = address.isascii() and address.isprintable() and not set(address) & set(" \"'<>\\^`{|}")
    return plain and parts.scheme in ("https", "http") and bool(parts.hostname)


def _layout(site: Site) -> tuple[Layout, tuple[str, ...]]:
    known = find_layouts()
    if site.layout in known:
        return known[site.layout], ()
    first = next(iter(known.values()))
    return first, (f"There is no layout called {site.layout}; the site is drawn in {first.title}.",)


def _style(
    files: _Files, layout: Layout, look: Styled, letters: frozenset[int], lead: frozenset[int]
) -> tuple[str, list[str]]:
    """The style sheet's path, and those of fonts that each page needs at once: which have letters of `lead`."""
    rules, first = "", []
    faces = list(dict.fromkeys((look.body, look.heading)))
    if not any(one.name == _WIDE for one in faces) and any(one.files for one in faces):
        faces.append(beyond_latin(TYPEFACES[_WIDE]))
    for face in faces:
        needed = face.needed(letters)
        names = {one.name: files.keep(one.name.removesuffix(".woff2"), "woff2", font_data(one)) for one in needed}
        rules += face_rules(face, letters, {name: path.removeprefix("assets/") for name, path in names.items()})
        first += [names[one.name] for one in needed if any(one.holds(letter) for letter in lead)]
    css = rules + css_of(look) + layout.style()
    return files.keep("site", "css", css.encode()), first[:2]


def _marks(files: _Files, site: Site, look: Styled) -> dict[str, str]:
    light, dark = look.light, look.dark
    initial, ground, ink = initial_of(site.name), light["fill"], light["on-fill"]
    preview = preview_png(
        site.name, site.description, ground=light["band"], ink=light["on-band"], muted=light["on-band-muted"],
        shapes=(light["deep"], light["shape-accent"], light["tint"], light["fill"]), rtl=site.right_to_left,
    )  # fmt: skip
    large = {
        size: files.keep(f"icon-{size}", "png", icon_png(initial, ground, ink, size, rounded=True))
        for size in (192, 512)
    }
    manifest = {
        "name": site.name, "short_name": site.name[:24], "lang": site.language, "start_url": "../", "scope": "../",
        "display": "browser", "background_color": light["paper"], "theme_color": light["paper"],
        "dir": "rtl" if site.right_to_left else "ltr",
        "icons": [
            {"src": path.removeprefix("assets/"), "sizes": f"{size}x{size}", "type": "image/png"} for size, path in large.items()
        ],
    }  # fmt: skip
    return {
        "icon": files.keep("icon", "svg", icon_svg(initial, ground, ink)),
        "icon_png": files.keep("icon-48", "png", icon_png(initial, ground, ink, 48, rounded=True)),
        "touch": files.keep("apple-touch-icon", "png", icon_png(initial, ground, ink, 180, rounded=False)),
        "manifest": files.keep("site", "webmanifest", json.dumps(manifest, ensure_ascii=False, sort_keys=True).encode()),
        "preview": files.keep("preview", "png", preview),
        "light": light["paper"], "dark": dark["paper"],
    }  # fmt: skip


def _all_text(site: Site) -> str:
    return site.model_dump_json()
