"""Served by every dashboard from the database and the store of files: there is no folder to copy."""

from __future__ import annotations

from core.websites.answering import fetched
from core.websites.built import BuiltSite
from core.websites.target import Place, Published, Target


class Here(Target):
    name = "here"
    title = "This installation"
    family = None

    def publish(self, place: Place, built: BuiltSite, key: str) -> Published:
        """Nothing to put anywhere: the transaction that says which version is live is what publishes it, whole."""
        return Published(address_of(place), place.slug)

    def differences(self, place: Place, built: BuiltSite) -> list[str]:
        found = []
        for path, file in built.files.items():
            asked = path.removesuffix("index.html") if path.endswith("index.html") else path
            answer = fetched(address_of(place) + asked, timeout=float(place.settings.get("timeout", 20)))
            if isinstance(answer, str) or answer != (200, file.data):
                found.append(path)
        return found

    def withdraw(self, place: Place, key: str) -> None:
        """Nothing lies anywhere."""


def address_of(place: Place) -> str:
    return f"{str(place.settings['address']).rstrip('/')}/{place.slug}/"


TARGET = Here
