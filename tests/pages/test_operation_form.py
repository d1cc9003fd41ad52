"""The form that every operation gets from its JSON Schema."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field
from streamlit.testing.v1 import AppTest


class Stage(StrEnum):
    NEW = "new"
    WON = "won"


class Place(BaseModel):
    city: str


class Everything(BaseModel):
    name: str = Field(title="Name", max_length=100)
    note: str | None = Field(default=None, title="Note", max_length=2000)
    amount: int = Field(default=3, title="Amount", ge=1, le=9)
    rate: float = Field(title="Rate", gt=0)
    price: Decimal | None = Field(default=None, title="Price")
    urgent: bool = Field(default=False, title="Urgent")
    to: list[str] = Field(title="To")
    ids: list[Annotated[int, Field(ge=1)]] = Field(title="Ids")
    stage: Stage = Field(default=Stage.NEW, title="Stage")
    network: Literal["mastodon", "bluesky"] = Field(title="Network")
    due: date | None = Field(default=None, title="Due")
    values: dict[str, Any] = Field(title="Values")
    place: Place | None = Field(default=None, title="Place")


def _page(schema: dict, given: dict) -> None:  # type: ignore[type-arg]  # its text runs without this file's imports
    import streamlit as st

    from pages.components.operation_form import operation_form

    form = operation_form(schema, given, key="f")
    st.session_state["filled"] = form.values
    st.session_state["problems"] = form.problems


def show(**given: Any) -> AppTest:
    return AppTest.from_function(_page, args=(Everything.model_json_schema(), given)).run()


def test_every_kind_of_field_is_filled_and_read_as_the_operation_takes_it() -> None:
    screen = show()
    assert not screen.exception
    screen.text_input(key="f-name").set_value("Meridian")
    screen.text_area(key="f-note").set_value("")
    screen.number_input(key="f-rate").set_value(0.5)
    screen.text_input(key="f-price").set_value("12.50")
    screen.checkbox(key="f-urgent").check()
    screen.text_area(key="f-to").set_value("a@example.com, b@example.com")
    screen.text_area(key="f-ids").set_value("3\n4")
    screen.selectbox(key="f-stage").set_value("won")
    screen.selectbox(key="f-network").set_value("bluesky")
    screen.date_input(key="f-due").set_value(date(2026, 11, 30))
    screen.text_area(key="f-values").set_value('{"name": "x"}')
    screen.text_area(key="f-place").set_value('{"city": "Pune"}')
    screen.run()

    read = Everything.model_validate(screen.session_state["filled"])
    assert read.price == Decimal("12.50")
    assert (read.to, read.ids, read.stage, read.amount) == (["a@example.com", "b@example.com"], [3, 4], Stage.WON, 3)
    assert read.place == Place(city="Pune")
    assert "note" not in screen.session_state["filled"], "what is empty keeps the operation's own default"


def test_what_is_there_already_stands_in_the_form() -> None:
    given = {"name": "Meridian", "to": ["a, b", "c"], "values": {"n": 1}, "network": "bluesky", "rate": 2.0}
    filled = show(**given).session_state["filled"]
    assert {name: filled[name] for name in given} == given


def test_broken_json_and_numbers_are_named_at_their_field() -> None:
    screen = show(name="x")
    screen.text_area(key="f-values").set_value("{broken").run()
    screen.text_area(key="f-ids").set_value("3, four").run()
    errors = [str(one.value) for one in screen.error]
    assert any("This is not JSON" in one and "line 1" in one for one in errors)
    assert any("four" in one for one in errors)
    assert len(screen.session_state["problems"]) == 2
    screen.text_area(key="f-values").set_value("[1]").run()
    assert any("names and values" in str(one.value) for one in screen.error)


def test_required_fields_carry_a_star_and_limits_hold() -> None:
    screen = show()
    assert screen.text_input(key="f-name").label.endswith(" *")
    assert not screen.text_area(key="f-note").label.endswith(" *")
    amount = screen.number_input(key="f-amount")
    assert (amount.min, amount.max, amount.value) == (1, 9, 3)


def _files_page(given: dict) -> None:  # type: ignore[type-arg]  # its text runs without this file's imports
    import streamlit as st

    from core.connectors.transports.email_params import EmailParams
    from pages.components.operation_form import operation_form

    form = operation_form(EmailParams.model_json_schema(), given, key="f", keep=lambda name, data: None)
    st.session_state["filled"], st.session_state["problems"] = form.values, form.problems


def test_files_named_so_far_stay_or_are_taken_out() -> None:
    files = [{"name": name, "sha256": "a" * 64} for name in ("a.pdf", "b.pdf")]
    screen = AppTest.from_function(_files_page, args=({"attachments": files},)).run()
    assert not screen.exception
    assert screen.session_state["filled"]["attachments"] == files

    screen.multiselect(key="f-attachments-so-far").set_value(["b.pdf"]).run()
    assert screen.session_state["filled"]["attachments"] == files[1:]


def test_a_file_that_was_not_taken_keeps_the_form_from_being_sent() -> None:
    screen = AppTest.from_function(_files_page, args=({},)).run()
    screen.file_uploader[0].upload("a.pdf", b"x", "application/pdf").run()

    assert "attachments" not in screen.session_state["filled"]
    assert any("a.pdf was not taken" in problem for problem in screen.session_state["problems"])


def _picture_page(given: dict) -> None:  # type: ignore[type-arg]  # its text runs without this file's imports
    import streamlit as st

    from core.connectors.transports.social.parameters import PostParams
    from core.files.service import KeptFile
    from pages.components.operation_form import operation_form

    def keep(name: str, data: bytes) -> KeptFile:
        return KeptFile("b" * 64, name, "image/png", len(data))

    form = operation_form(PostParams.model_json_schema(), given, key="f", keep=keep)
    st.session_state["filled"] = form.values


def test_picture_is_uploaded_with_what_it_shows() -> None:
    screen = AppTest.from_function(_picture_page, args=({},)).run()
    assert not screen.exception and "media" not in screen.session_state["filled"]
    screen.file_uploader[0].upload("cup.png", b"x", "image/png").run()
    screen.text_input(key="f-media-alt").set_value("A blue cup").run()
    assert screen.session_state["filled"]["media"] == {"sha256": "b" * 64, "alt_text": "A blue cup"}


def test_picture_that_is_there_stays_until_it_is_taken_out_or_replaced() -> None:
    there = {"sha256": "a" * 64, "alt_text": "A red cup"}
    screen = AppTest.from_function(_picture_page, args=({"media": there},)).run()
    assert screen.session_state["filled"]["media"] == there
    screen.text_input(key="f-media-url").set_value("https://example.com/cup.jpg").run()
    assert screen.session_state["filled"]["media"] == {"url": "https://example.com/cup.jpg", "alt_text": "A red cup"}
    screen.text_input(key="f-media-url").set_value("").run()
    screen.checkbox(key="f-media-stays").uncheck().run()
    assert "media" not in screen.session_state["filled"]
