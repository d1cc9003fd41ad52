"""What visitors wrote through the contact form, and whether it was sent on."""

from __future__ import annotations

import streamlit as st

from core.websites.views import MessageView, SiteView
from pages.components.empty import empty_state
from pages.components.older import older_pages, page_of
from pages.components.page import Screen
from pages.components.site_words import message_state
from pages.components.words import ago, moment, plain

PER_PAGE = 20


def site_messages(screen: Screen, view: SiteView) -> None:
    where = view.contact_email
    st.markdown(
        plain(f"Messages go to {where} and are kept here." if where
              else "The site names no contact address: messages are kept here, and nobody is told.")
    )  # fmt: skip
    queries, site = screen.app.sites_queries, view.summary.id
    page = page_of(lambda cursor: queries.messages(screen.actor, site, cursor=cursor, limit=PER_PAGE))
    if not page.rows:
        empty_state("Nobody wrote yet.", icon=":material/mail:")
        return
    for one in page.rows:
        _message(screen, one)
    older_pages(page.next_cursor)


def _message(screen: Screen, message: MessageView) -> None:
    word, colour = message_state(message.state)
    with st.container(border=True, key=f"message-{message.id}"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f"**{plain(message.name)}** {plain(message.email)}")
            st.badge(word, color=colour)
            if message.is_test:
                st.badge("Test of the form", color="gray")
        st.text(message.text)
        st.caption(
            plain(f"{ago(message.received_at, screen.app.clock.now())}. {message.words}".strip()),
            help=moment(message.received_at, screen.zone),
        )
