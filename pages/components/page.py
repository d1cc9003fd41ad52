"""The frame of every page: who may be here, title, execution strip, messages, and the one way to act."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import NoReturn, TypeVar
from urllib.parse import quote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st
import structlog
from streamlit.runtime.pages_manager import PagesManager

from core.actor import Actor, Role
from core.bootstrap import Application, application
from core.correlation import request_bound
from core.errors import CountersignError
from core.identifiers import new_id
from core.identity.rules import SESSION_COOKIE
from pages.components.style import apply_style
from pages.components.words import plain

_MESSAGES = "_messages"
TOP = "top"
"""Where messages are shown unless a page says otherwise: below the title."""

log = structlog.get_logger(__name__)
T = TypeVar("T")

_actor_of_this_run: ContextVar[Actor | None] = ContextVar("actor_of_this_run", default=None)


@dataclass(frozen=True)
class Screen:
    """What a page starts with."""

    app: Application
    actor: Actor
    zone: tzinfo


def open_page(
    *, title: str, icon: str, roles: Sequence[Role], position: int, nav: str | None = None, heading: bool = True
) -> Screen:
    """First statement of every page: refuses who may not be here, then draws the frame.

    Home.py reads these arguments from the file's text to build the navigation (position: order, nav: a shorter name
    there), so they are written as literals.
    """
    actor = current_actor()
    if actor is None:
        show_signed_out()
    app = application()
    apply_style()
    if not actor.has(*roles):
        st.title("Not your page")
        needs = " or ".join(role.value for role in roles)
        st.error(f"{title} is for the role {needs}. Ask an admin for it.", icon=":material/lock:")
        st.stop()
    if heading:
        st.title(title, anchor=False)
    show_messages()
    return Screen(app, actor, reader_zone())


def current_actor() -> Actor | None:
    """The person behind this browser, read from the database: a revoked session or role ends at the next click."""
    return _actor_of_this_run.get() or application().identity_queries.actor_of_session(
        st.context.cookies.get(SESSION_COOKIE)
    )


@contextmanager
def run_as(actor: Actor) -> Iterator[None]:
    """For the rest of one run of a script, `actor` is who was found at its start; callbacks and fragments look again."""
    mark = _actor_of_this_run.set(actor)
    try:
        yield
    finally:
        _actor_of_this_run.reset(mark)


def reader_zone() -> tzinfo:
    try:
        return ZoneInfo(st.context.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def perform(
    act: Callable[[Actor], T],
    *,
    done: str | None = None,
    place: str = TOP,
    gently: tuple[type[CountersignError], ...] = (),
) -> T | None:
    """Runs one service call for whoever is signed in now; for use in `on_click`. Answers None if it was refused.

    A refusal is shown as its own sentence at `place`, the kinds in `gently` as a word rather than an error; a bug as
    a sentence with a number to look up in the log.
    """
    results: list[T] = []
    carried_out(lambda actor: results.append(act(actor)), done=done, place=place, gently=gently)
    return results[0] if results else None


def carried_out(
    act: Callable[[Actor], object],
    *,
    done: str | None = None,
    place: str = TOP,
    gently: tuple[type[CountersignError], ...] = (),
) -> bool:
    """As `perform`, for a call that answers nothing: True if it was carried out."""
    actor = current_actor()
    if actor is None:
        say("error", "You are signed out. Nothing was changed. Sign in again to go on.", place=place)
        return False
    request = new_id().hex
    try:
        with request_bound(request):
            act(actor)
    except CountersignError as refusal:
        say("info" if isinstance(refusal, gently) else "error", str(refusal), place=place)
        return False
    except Exception:  # the page's edge: a person must read a sentence, not a traceback
        log.exception("page.failed", request=request)
        words = f"Something broke on our side; nothing was saved. Try again, or give an admin the number {request}."
        say("error", words, place=place)
        return False
    if done:
        say("done", done)
    return True


def say(kind: str, text: str, *, place: str = TOP) -> None:
    """Shows `text` at the next drawing of `place`: `done` (passing), `info` or `error` (until the next click)."""
    st.session_state.setdefault(_MESSAGES, {}).setdefault(place, []).append((kind, text))


def show_messages(place: str = TOP) -> None:
    """Draws what was said for this place."""
    for kind, text in st.session_state.get(_MESSAGES, {}).pop(place, []):
        if kind == "done":
            st.toast(plain(text), icon=":material/check:")
        elif kind == "info":
            st.info(plain(text), icon=":material/info:")
        else:
            st.error(plain(text), icon=":material/error:")


def stop_without_server() -> None:
    """`streamlit run Home.py` has no sign-in and no gate: says how to start instead of showing anything."""
    if not PagesManager.uses_pages_directory:  # server.py turns it off before anything is served
        return
    apply_style()
    st.title("Start Countersign with its server", anchor=False)
    st.markdown(
        "This page alone has no sign-in, no API and no worker. Stop it and type `make run`; "
        "if dependencies and database are ready, `streamlit run server.py` starts the dashboard alone."
    )
    st.stop()


def show_signed_out() -> NoReturn:
    stop_without_server()
    apply_style()
    st.title("You are signed out")
    st.write("Your session ended. What you saved is safe.")
    here = st.context.url or "/"
    path = "/" + here.split("/", 3)[3] if here.count("/") >= 3 else "/"
    st.link_button("Sign in again", f"/auth/sign-in?next={quote(path, safe='')}", type="primary")
    st.stop()
