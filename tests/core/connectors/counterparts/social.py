"""The five social networks: one double each, one way to trouble them all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar

from core.connectors.plan import Plan
from tests.core.connectors.counterpart import Counterpart, Trouble
from tests.doubles import bluesky, instagram, linkedin, mastodon, x
from tests.doubles.social_network import Kept, SocialNetwork, running

TEXT = "Kiln & glaze: 12 new cups (all blue)\n\nCome and look, #pottery friends. <3 äöü 日本 👩‍🚀"
LINK = "https://example.com/cups?a=1&b=2"


class Social(Counterpart):
    """`posts` gives, for each operation, a good call; `old` is a post that was there before."""

    network: ClassVar[str]
    old: ClassVar[str]
    more: ClassVar[Mapping[str, Any]] = {"link": LINK, "link_title": "Cups", "link_description": "All of them"}
    deletes: ClassVar[bool] = True
    seconds: float | None = None
    """Another time-out than the suite's."""

    def __init__(self, double: SocialNetwork) -> None:
        self.double = double
        self.put_old()

    def put_old(self) -> None:
        self.double.keep(self.old, "Closed on Monday")

    def settings(self) -> Mapping[str, Any]:
        return {"call_timeout_seconds": self.seconds} if self.seconds else {}

    def calls(self) -> Mapping[str, Mapping[str, Any]]:
        post = {"network": self.network, "text": TEXT, **self.more}
        delete = {"network": self.network, "reference": self.old}
        return {"social_post": post, **({"social_delete": delete} if self.deletes else {})}

    def effects(self) -> int:
        return self.double.changes

    def befall(self, trouble: Trouble) -> None:
        self.double.trouble = trouble.value

    def state(self) -> Any:
        return {name: kept.text for name, kept in self.double.posts.items()}

    def holds(self, plan: Plan) -> bool:
        shown = {change.field: change for change in plan.changes}
        if plan.operation == "social_delete":
            return shown["reference"].before not in self.double.posts
        kept = self.double.latest
        return kept.text == shown["text"].after and self.holds_more(kept, {k: v.after for k, v in shown.items()})

    def holds_more(self, kept: Kept, shown: Mapping[str, Any]) -> bool:
        return LINK in kept.text


class BlueskyCounterpart(Social):
    system = network = "bluesky"
    old = f"at://{bluesky.DID}/{bluesky.COLLECTION}/3lkx7qz2abc2a"
    secrets = (bluesky.PASSWORD, "access-secret", "refresh-secret")

    def put_old(self) -> None:
        self.double.keep(self.old, "Closed on Monday", record={"text": "Closed on Monday"})

    def account(self) -> Mapping[str, Any]:
        return {"handle": "countersign.bsky.social", "app_password": bluesky.PASSWORD, "service": self.double.url}

    def wrong_account(self) -> Mapping[str, Any]:
        return {**self.account(), "app_password": "wrong"}

    def holds_more(self, kept: Kept, shown: Mapping[str, Any]) -> bool:
        card = kept.more["record"]["embed"]["external"]
        return bool(
            card == {"uri": shown["link"], "title": shown["link_title"], "description": shown["link_description"]}
        )


class MastodonCounterpart(Social):
    system = network = "mastodon"
    old = "111999"
    more: ClassVar[Mapping[str, Any]] = {"link": LINK}
    secrets = (mastodon.TOKEN,)

    def account(self) -> Mapping[str, Any]:
        return {"server": self.double.url, "handle": "countersign", "token": mastodon.TOKEN}

    def wrong_account(self) -> Mapping[str, Any]:
        return {**self.account(), "token": "wrong"}


class XCounterpart(Social):
    system = network = "x"
    old = "1445880548472327999"
    more: ClassVar[Mapping[str, Any]] = {"link": LINK}
    secrets = (x.TOKEN, *x.KEYS.values())

    def account(self) -> Mapping[str, Any]:
        return {"handle": "@countersign", "token": x.TOKEN, "api": self.double.url}

    def wrong_account(self) -> Mapping[str, Any]:
        return {**self.account(), "token": "wrong"}


class LinkedInCounterpart(Social):
    system = network = "linkedin"
    old = "urn:li:share:7433999999999999999"
    secrets = (linkedin.TOKEN,)

    def put_old(self) -> None:
        sent = {"author": linkedin.AUTHOR, "commentary": "Closed on Monday"}
        self.double.keep(self.old, "Closed on Monday", sent=sent)

    def account(self) -> Mapping[str, Any]:
        return {"author": linkedin.AUTHOR, "name": "Asha Rao", "token": linkedin.TOKEN, "api": self.double.url}

    def wrong_account(self) -> Mapping[str, Any]:
        return {**self.account(), "token": "wrong"}

    def holds_more(self, kept: Kept, shown: Mapping[str, Any]) -> bool:
        card = kept.more["sent"]["content"]["article"]
        return bool(
            card == {"source": shown["link"], "title": shown["link_title"], "description": shown["link_description"]}
        )


class InstagramCounterpart(Social):
    system = network = "instagram"
    old = "17920238422029999"
    more: ClassVar[Mapping[str, Any]] = {
        "media": {"url": "https://example.com/cups.jpg", "alt_text": "Twelve blue cups on a shelf"}
    }
    deletes = False
    secrets = (instagram.TOKEN,)

    def account(self) -> Mapping[str, Any]:
        return {"user_id": instagram.USER, "handle": "countersign", "token": instagram.TOKEN, "api": self.double.url}

    def wrong_account(self) -> Mapping[str, Any]:
        return {**self.account(), "token": "wrong"}

    def holds_more(self, kept: Kept, shown: Mapping[str, Any]) -> bool:
        return (kept.more["image_url"], kept.more["alt_text"]) == (shown["picture"], shown["alt_text"])


def _running(counterpart: Callable[[Any], Social], double: Callable[[], SocialNetwork]) -> Any:
    @contextmanager
    def run() -> Iterator[Social]:
        network = double()
        with running(network):
            yield counterpart(network)

    return run


RUNNING = {
    "bluesky": _running(BlueskyCounterpart, bluesky.Bluesky),
    "mastodon": _running(MastodonCounterpart, mastodon.Mastodon),
    "x": _running(XCounterpart, x.X),
    "linkedin": _running(LinkedInCounterpart, linkedin.LinkedIn),
    "instagram": _running(InstagramCounterpart, instagram.Instagram),
}
