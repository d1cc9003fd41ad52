"""What surrounds every page: navigation by role, the person, the execution mode."""

from __future__ import annotations

import streamlit as st

from core.actor import Actor, Role
from core.bootstrap import Application, application
from core.guardrails.rules import ExecutionMode
from pages.components.dialogs import dialog, page_begins
from pages.components.navigation import PageSpec, page_specs
from pages.components.page import current_actor, perform, reader_zone, run_as, show_signed_out, stop_without_server
from pages.components.words import moment, plain

_STATIC = "/app/static"


def draw_frame() -> None:
    """Draws the menu of whoever is signed in and runs the page they asked for, in one read transaction."""
    stop_without_server()
    page_begins()
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
    chosen = st.navigation([_entry(spec, waiting) for spec in page_specs() if actor.has(*spec.roles)], expanded=True)
    _strip(app, actor)
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
    gates = app.gates_queries.waiting_count(actor)
    if not actor.has(Role.OPERATOR, Role.ADMIN, Role.COUNCIL):
        return {"inbox": gates}
    unconfirmed = app.actions_queries.unconfirmed_count() if actor.has(Role.OPERATOR, Role.ADMIN) else 0
    sits = actor.has(Role.COUNCIL, Role.ADMIN)
    return {
        "inbox": app.actions_queries.waiting_count(actor) + gates,
        "review": app.actions_queries.waiting_count(actor, reviewed=True) if sits else 0,
        "unconfirmed": unconfirmed,
    }


def _strip(app: Application, actor: Actor) -> None:
    """The execution mode, the switch that stops it for those who operate, and whether sample data is loaded."""
    rails = app.guardrails_queries.current()
    since = moment(rails.mode_at, reader_zone())
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="strip"):
        if rails.damaged:
            st.badge("Stopped: the guardrails cannot be understood", icon=":material/block:", color="red")
        match rails.mode:
            case ExecutionMode.ON:
                st.badge("Live: what is approved leaves this machine", icon=":material/bolt:", color="green")
            case ExecutionMode.PREVIEW:
                st.badge(_preview(app), icon=":material/visibility:", color="orange")
            case ExecutionMode.OFF:
                st.badge(f"Stopped by {plain(rails.mode_by)}, {since}", icon=":material/block:", color="red")
        if app.sample.is_loaded():
            st.badge("Sample data loaded", icon=":material/science:", color="violet")
        stoppable = rails.mode is not ExecutionMode.OFF and actor.has(Role.OPERATOR, Role.ADMIN)
        if stoppable and st.button("Stop…", icon=":material/block:", type="tertiary", key="strip-stop"):
            _confirm_stop(app)


def _preview(app: Application) -> str:
    """What a preview keeps in, and the one thing that an admin who connected a language model lets out."""
    model = app.language_models.outside()
    return f"Preview: only questions to {plain(model)} leave" if model else "Preview: nothing leaves this machine"


@dialog("Stop everything")
def _confirm_stop(app: Application) -> None:
    st.write("Nothing is executed any more, approved or not, and nothing that is queued. Only an admin starts again.")
    if st.button("Stop everything", icon=":material/block:", type="primary", key="confirm-stop"):
        perform(app.guardrails.stop, done="Stopped. Nothing is executed until an admin starts again.")
        st.rerun()


def _person(actor: Actor) -> None:
    with st.sidebar, st.container(key="person"):
        roles = ", ".join(sorted(role.value for role in actor.roles))
        st.caption(f"**{plain(actor.name)}**  \n{roles} · {actor.tier.value}")
        st.link_button("Sign out", "/auth/sign-out", icon=":material/logout:", type="tertiary")
