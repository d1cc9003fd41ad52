"""What surrounds every page: navigation by role, the person, the execution mode."""

from __future__ import annotations

import streamlit as st

from core.actor import Actor, Role
from core.bootstrap import Application, application
from pages.components.navigation import PageSpec, page_specs
from pages.components.page import current_actor, reader_zone, run_as, show_signed_out, stop_without_server
from pages.components.words import moment, plain

_STATIC = "/app/static"


def draw_frame() -> None:
    """Draws the menu of whoever is signed in and runs the page they asked for, in one read transaction."""
    stop_without_server()
    with application().database.reading():
        actor = current_actor()
        if actor is None:
            show_signed_out()
        with run_as(actor):
            _draw(application(), actor)


def _draw(app: Application, actor: Actor) -> None:
    dark = st.context.theme.type == "dark"
    st.logo(f"{_STATIC}/{'logo-dark' if dark else 'logo'}.svg", size="large", icon_image=f"{_STATIC}/mark.svg")
    waiting = _waiting(app, actor)
    chosen = st.navigation([_entry(spec, waiting) for spec in page_specs() if actor.has(*spec.roles)])
    _strip(app)
    _person(actor)
    chosen.run()


def _entry(spec: PageSpec, waiting: dict[str, int]) -> st.Page:
    waits = waiting.get(spec.url_path, 0)
    return st.Page(
        spec.path,
        title=f"{spec.title} · {waits}" if waits else spec.title,
        icon=spec.icon,
        url_path=spec.url_path,
        default=spec.url_path == "home",
    )


def _waiting(app: Application, actor: Actor) -> dict[str, int]:
    """What waits for this person, by page."""
    if not actor.has(Role.OPERATOR, Role.ADMIN, Role.COUNCIL):
        return {}
    return {"inbox": app.actions_queries.waiting_count(actor)}


def _strip(app: Application) -> None:
    """The execution mode, and whether sample data is loaded, on every page."""
    rails = app.actions_queries.guardrails()
    since = moment(rails.changed_at, reader_zone())
    with st.container(horizontal=True, gap="small", key="strip"):
        match rails.mode.value:
            case "on":
                st.badge("Live: what is approved leaves this machine", icon=":material/bolt:", color="green")
            case "preview":
                st.badge("Preview: nothing leaves this machine", icon=":material/visibility:", color="orange")
            case _:
                st.badge(f"Stopped by {plain(rails.changed_by)}, {since}", icon=":material/block:", color="red")
        if app.sample.is_loaded():
            st.badge("Sample data loaded", icon=":material/science:", color="violet")


def _person(actor: Actor) -> None:
    with st.sidebar, st.container(key="person"):
        roles = ", ".join(sorted(role.value for role in actor.roles))
        st.caption(f"**{plain(actor.name)}**  \n{roles} · {actor.tier.value}")
        st.link_button("Sign out", "/auth/sign-out", icon=":material/logout:", type="tertiary")
