"""What is sent, made from what was asked for; what does not fit is refused in words that say by how much."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from core.connectors.transports.social.posts import JPEG, PNG, Links, Manner, Picture, Post
from core.errors import InvalidInput

KINDS = {JPEG: "JPEG", PNG: "PNG"}


def arranged(post: Post, manner: Manner) -> Post:
    """`post` as it will be sent, or InvalidInput. Nothing is ever cut or left out silently."""
    text, card = post.text, post.card
    if card is not None:
        match manner.links:
            case Links.TEXT:
                text, card = (text if card.url in text else f"{text}\n\n{card.url}".strip()), None
            case Links.CARD if post.picture is not None:
                raise InvalidInput(
                    field="Link",
                    problem=f"{manner.title} shows either a picture or a link card. Write the link into the text.",
                )
            case Links.NONE:
                raise InvalidInput(
                    field="Link", problem=f"nobody can follow a link in a text on {manner.title}. Leave it out."
                )
    _check_text(text, manner)
    _check_picture(post.picture, manner)
    return replace(post, text=text, card=card)


def remarks(post: Post, manner: Manner) -> Iterator[str]:
    """What a person should know before approving it."""
    yield from manner.remarks(post.text)
    if post.picture is not None:
        if post.picture.url is not None:
            yield f"{manner.title} fetches the picture when it is posted: what that address shows then is not known now."
        if not post.picture.alt:
            yield "The picture has no description: who cannot see it learns nothing from it."
        if post.picture.shows_place:
            yield "The file of the picture says where it was taken, to whoever looks into it."


def _check_text(text: str, manner: Manner) -> None:
    length = manner.count(text)
    if length > manner.most:
        raise InvalidInput(
            field="Text", problem=f"it has {length:,} of at most {manner.most:,} {manner.unit} on {manner.title}."
        )
    for problem in manner.objections(text):
        raise InvalidInput(field="Text", problem=problem)


def _check_picture(picture: Picture | None, manner: Manner) -> None:
    if picture is None:
        if manner.needs_picture:
            raise InvalidInput(field="Picture", problem=f"{manner.title} takes no post without a picture.")
        return
    if manner.fetches_pictures and picture.url is None:
        raise InvalidInput(
            field="Picture", problem=f"{manner.title} fetches pictures itself: give the address of one that is public."
        )
    if not manner.fetches_pictures and picture.sha256 is None:
        raise InvalidInput(
            field="Picture", problem=f"{manner.title} is given the file itself: name a stored file by its SHA-256."
        )
    if picture.alt and len(picture.alt) > manner.alt:
        raise InvalidInput(
            field="Picture", problem=f"its description has {len(picture.alt):,} of at most {manner.alt:,} characters."
        )
    if picture.sha256 is None:
        return
    if picture.kind not in manner.picture_kinds:
        kinds = " and ".join(KINDS[kind] for kind in manner.picture_kinds if kind in KINDS)
        raise InvalidInput(field="Picture", problem=f"{manner.title} takes {kinds}.")
    if len(picture.data) > manner.picture_bytes:
        size, most = (f"{one / 1_000_000:,.2f}" for one in (len(picture.data), manner.picture_bytes))
        raise InvalidInput(
            field="Picture",
            problem=f"it has {size} of at most {most} MB on {manner.title}. Make it smaller: it is never changed here.",
        )
