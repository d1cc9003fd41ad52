"""What a field of the start form lets people choose from beside typing: sites, places to publish, languages, typefaces."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from babel import Locale, UnknownLocaleError

from core.websites.typefaces import TYPEFACES
from pages.components.page import Screen

_LANGUAGES = (
    "en", "en-GB", "de", "fr", "es", "it", "pt", "pt-BR", "nl", "pl", "cs", "sv", "da", "fi", "tr", "el", "uk", "ru", "ar",
    "he", "hi", "th", "ja", "ko", "zh",
)  # fmt: skip
_MOST_SITES = 100


def offered(screen: Screen, what: str) -> Mapping[str, str]:
    """Value and what people read; empty for what is not known here."""
    make = _OFFERS.get(what)
    return make(screen) if make is not None else {}


def _sites(screen: Screen) -> Mapping[str, str]:
    rows = screen.app.sites_queries.page(screen.actor, limit=_MOST_SITES).rows
    return {one.slug: f"{one.name} ({one.slug})" for one in rows if one.address is not None}


def _places(screen: Screen) -> Mapping[str, str]:
    return screen.app.sites.places()


def _languages(screen: Screen) -> Mapping[str, str]:
    return {tag: _language(tag) for tag in _LANGUAGES}


def _language(tag: str) -> str:
    try:
        return f"{Locale.parse(tag, sep='-').get_display_name('en')} ({tag})"
    except (UnknownLocaleError, ValueError):
        return tag


def _typefaces(screen: Screen) -> Mapping[str, str]:
    return {name: name for name in TYPEFACES}


_OFFERS: Mapping[str, Callable[[Screen], Mapping[str, str]]] = {
    "sites": _sites, "places": _places, "languages": _languages, "typefaces": _typefaces,
}  # fmt: skip
