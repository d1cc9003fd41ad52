"""Posting and deleting through one network: what is planned, what is read first, and what an answer is worth."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import urlsplit

from core.connectors.plan import Change, Effect, Plan, Receipt, confirmed, deferred, rejected
from core.connectors.protocol import Undoing
from core.connectors.transports.calls import Refused, Throttled
from core.connectors.transports.clients import Clients
from core.connectors.transports.connected import AccountParams, ConnectedOperation
from core.connectors.transports.social.arranging import KINDS, arranged, remarks
from core.connectors.transports.social.network import Network
from core.connectors.transports.social.parameters import DeleteParams, PostParams
from core.connectors.transports.social.pictures import stored_picture
from core.connectors.transports.social.posts import Card, Manner, Name, Picture, Post, Published
from core.errors import CountersignError, InvalidInput
from core.files.storage import FileStore, FileStoreUnavailable

AP = TypeVar("AP", bound=AccountParams)


class _Through(ConnectedOperation[AP, Network]):
    channel = "social"
    effect = Effect.IRREVERSIBLE
    """What was public was read, also where it can be deleted; and what is deleted does not come back."""

    def __init__(self, clients: Clients[Network], manner: Manner) -> None:
        super().__init__(clients)
        self._usual = manner
        self.system_title = manner.title

    def _identity(self, client: Network) -> str:
        return client.identity


class PostThrough(_Through[PostParams]):
    name = "social_post"
    title = "Post to a social network"
    params = PostParams

    def __init__(self, clients: Clients[Network], manner: Manner, files: FileStore) -> None:
        super().__init__(clients, manner)
        self._files = files

    @property
    def repeatable(self) -> bool:
        return False

    def repeatable_for(self, plan: Plan) -> bool:
        """Bluesky takes our name for the record, and no name twice."""
        return self._usual.name is Name.BLUESKY

    def _plan(self, client: Network | None, params: PostParams) -> Plan:
        manner = client.manner() if client else self._usual
        post = arranged(_asked_for(params, self._files), manner)
        before = _same_text(client, post.text) if client else None
        return Plan(
            operation=self.name,
            account="",
            summary=f"Post “{_beginning(post.text)}” to {manner.title}",
            request=params.model_dump(mode="json"),
            changes=tuple(_shown(post)),
            preconditions={} if before is None else {"same_text": before},
            reversible=manner.deletes,
            warnings=(*remarks(post, manner), *_seen_before(client, before, manner)),
        )

    def _moved(self, client: Network, plan: Plan) -> Iterable[Change]:
        known = plan.preconditions.get("same_text")
        if known is None:
            return
        now = _same_text(client, _text_of(plan))
        if now is not None and set(now) - set(known):
            yield Change("same_text", f"The same text on {self.system_title}", list(known), now)

    def _execute(self, client: Network, plan: Plan, key: str) -> Receipt:
        try:
            post = _exactly(plan, self._files, client.manner())
        except FileStoreUnavailable as problem:
            return deferred(f"{problem} Nothing was posted.")
        except CountersignError as problem:
            return rejected(f"{problem} Nothing was posted.")
        return self._confirmed(client.publish(post, key))

    def _verify(self, client: Network, plan: Plan, key: str) -> Receipt | None:
        """Found by our key; or by its text, if it is there once and was not when it was approved."""
        text = _text_of(plan)
        found = client.find(Post(text), key)
        known = plan.preconditions.get("same_text")
        if found is None and known is not None:
            new = [one for one in _posts_saying(client, text) if one.reference not in known]
            found = new[0] if len(new) == 1 else None
        return self._confirmed(found) if found else None

    def _undo(self, plan: Plan, receipt: Mapping[str, Any]) -> Undoing | None:
        reference = receipt.get("reference")
        if not reference or not self._usual.deletes:
            return None
        return Undoing("social_delete", {"network": self._usual.name.value, "reference": str(reference)})

    def where_to_look(self, plan: Plan, key: str) -> str:
        return f"Look at the latest posts of {plan.account} for one that says “{_beginning(_text_of(plan))}”."

    def _confirmed(self, published: Published) -> Receipt:
        words = f"Posted to {self.system_title}: {published.url or published.reference}."
        return confirmed(words, reference=published.reference, url=published.url)


class DeleteThrough(_Through[DeleteParams]):
    name = "social_delete"
    title = "Delete a post from a social network"
    params = DeleteParams

    @property
    def repeatable(self) -> bool:
        return True

    def _plan(self, client: Network | None, params: DeleteParams) -> Plan:
        title = self.system_title
        if not self._usual.deletes:
            problem = f"{title} lets no program delete what is published. Delete it in its app."
            raise InvalidInput(field="Network", problem=problem)
        if re.fullmatch(self._usual.reference, params.reference) is None:
            raise InvalidInput(field="Post", problem=f"this is not what {title} calls a post.")
        text, warnings = self._text(client, params.reference), ["Nothing brings back a deleted post."]
        if text is None and client is not None:
            warnings.append(f"{title} does not let this connection read the post: what it says is not known.")
        return Plan(
            operation=self.name,
            account="",
            summary=f"Delete “{_beginning(text)}” from {title}" if text else f"Delete a post from {title}",
            request=params.model_dump(mode="json"),
            changes=(
                Change("reference", "Post", params.reference, None),
                *([Change("text", "Text", text, None)] if text else []),
            ),
            preconditions={} if text is None else {"text": text},
            warnings=tuple(warnings),
        )

    def _moved(self, client: Network, plan: Plan) -> Iterable[Change]:
        was = plan.preconditions.get("text")
        if was is None:
            return
        found = client.read(plan.request["reference"])
        if found is None or found.text != was:
            yield Change("text", "Text", was, found.text if found else None)

    def _execute(self, client: Network, plan: Plan, key: str) -> Receipt:
        client.delete(plan.request["reference"])
        return self._gone(plan)

    def _verify(self, client: Network, plan: Plan, key: str) -> Receipt | None:
        return self._gone(plan) if client.read(plan.request["reference"]) is None else None

    def _text(self, client: Network | None, reference: str) -> str | None:
        """What the post says; None if it may not be read."""
        if client is None:
            return None
        try:
            found = client.read(reference)
        except Refused:
            return None
        if found is None:
            problem = f"there is no such post of this account on {self.system_title}. It may be deleted already."
            raise InvalidInput(field="Post", problem=problem)
        return found.text

    def _gone(self, plan: Plan) -> Receipt:
        return confirmed(f"It is no longer on {self.system_title}.", reference=plan.request["reference"])


# -- from parameters to a post, and what of it is shown -----------------------------------------------------------


def _asked_for(params: PostParams, files: FileStore) -> Post:
    picture, card, media = None, None, params.media
    if media is not None and media.sha256 is not None:
        picture = stored_picture(files, media.sha256, media.alt_text)
    elif media is not None:
        picture = Picture(media.alt_text, url=media.url)
    if params.link is not None:
        title = params.link_title or urlsplit(params.link).netloc
        card = Card(params.link, title, params.link_description or "")
    return Post(params.text, card, picture)


def _exactly(plan: Plan, files: FileStore, manner: Manner) -> Post:
    """The post that was approved, made again from its request; InvalidInput if it would be another one now."""
    asked = {name: value for name, value in plan.request.items() if name in PostParams.model_fields}
    post = arranged(_asked_for(PostParams.model_validate(asked), files), manner)
    if tuple(_shown(post)) != plan.changes:
        raise InvalidInput(field="Post", problem="it would be another one than was approved.")
    return post


def _shown(post: Post) -> Iterable[Change]:
    yield Change("text", "Text", None, post.text)
    if post.card is not None:
        yield Change("link", "Link card", None, post.card.url)
        yield Change("link_title", "Title of the link", None, post.card.title)
        if post.card.description:
            yield Change("link_description", "Description of the link", None, post.card.description)
    picture = post.picture
    if picture is not None:
        size = f"{KINDS.get(picture.kind, '')}, {picture.width} × {picture.height}, {len(picture.data):,} bytes"
        yield Change("picture", "Picture", None, picture.url or f"{size}, SHA-256 {picture.sha256}")
        if picture.alt:
            yield Change("alt_text", "Description of the picture", None, picture.alt)


def _text_of(plan: Plan) -> str:
    return next(str(one.after) for one in plan.changes if one.field == "text")


def _beginning(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 80 else f"{line[:79].rstrip()}…"


# -- what is there already ----------------------------------------------------------------------------------------


def _posts_saying(client: Network, text: str) -> Sequence[Published]:
    spelled = client.spelled(text)
    return [one for one in client.recent() if client.spelled(one.text) == spelled]


def _same_text(client: Network, text: str) -> list[str] | None:
    """Names of the account's latest posts with this text; None if the network does not let them be read (now)."""
    try:
        return sorted(one.reference for one in _posts_saying(client, text))
    except (Refused, Throttled):
        return None


def _seen_before(client: Network | None, before: list[str] | None, manner: Manner) -> Iterable[str]:
    if client is None:
        return
    if before is None:
        yield (f"{manner.title} does not let this connection read its posts now: whether this was posted before is "
               "not known, and after a lost answer a person has to look.")  # fmt: skip
    elif before:
        many = "once" if len(before) == 1 else f"{len(before)} times"
        yield f"The same text is on {manner.title} already, {many}."
