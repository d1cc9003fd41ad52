from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from io import BytesIO

import pytest
from PIL import Image, PngImagePlugin

from core.actor import Actor, Role
from core.bootstrap import Application
from core.deliverables.look import Look
from core.deliverables.themes import service
from core.deliverables.themes.looks import BUILT_IN, look_from_json, look_of, theme_snapshot
from core.deliverables.themes.rules import LogoRefused, Paper, ThemeTitleTaken, TooManyThemes, contrast_on_white
from core.deliverables.themes.service import LogoFile, ThemeInput
from core.errors import Conflict, CountersignError, InvalidInput, NotAllowed, NotFound
from core.identifiers import new_id

MERIDIAN = ThemeInput(title="Meridian", house="Meridian Advisory", accent="#0F766E", footer="Confidential")


def picture(kind: str = "PNG", size: tuple[int, int] = (300, 90), colour: str = "#0F766E") -> bytes:
    made = BytesIO()
    Image.new("RGB", size, colour).save(made, kind)
    return made.getvalue()


def resolved(app: Application, theme_id: object = None) -> Look:
    with app.database.reading() as session:
        return look_of(session, theme_id)  # type: ignore[arg-type]


def test_without_themes_there_is_the_look_that_comes_with_countersign(app: Application, admin: Actor) -> None:
    assert resolved(app) == BUILT_IN == app.themes_queries.default(admin)


def test_the_first_theme_becomes_the_default_and_carries_everything(app: Application, admin: Actor) -> None:
    made = app.themes.add(admin, replace(MERIDIAN, paper=Paper.US_LETTER), logo=LogoFile("logo.png", picture()))
    look = resolved(app)
    assert look == resolved(app, made)
    assert (look.name, look.accent, look.footer, look.paper) == (
        "Meridian Advisory", "#0F766E", "Confidential", "us-letter",
    )  # fmt: skip
    assert look.logo is not None
    assert (look.logo.width, look.logo.height, look.logo.alt) == (300, 90, "Meridian Advisory")
    assert [(one.title, one.is_default) for one in app.themes_queries.all(admin)] == [("Meridian", True)]


def test_a_package_keeps_the_look_it_was_made_in(app: Application, admin: Actor) -> None:
    made = app.themes.add(admin, MERIDIAN, logo=LogoFile("logo.webp", picture("WEBP")))
    before = resolved(app, made)
    kept = theme_snapshot(before)
    app.themes.change(admin, made, replace(MERIDIAN, house="Other", accent="#9D174D"), version=1, without_logo=True)
    assert look_from_json(kept) == before
    assert resolved(app, made).name == "Other"
    assert resolved(app, made).logo is None


@pytest.mark.parametrize("told", [None, {}, {"name": 3}, {"name": "x", "paper": "a3"}, "x", []])
def test_what_is_no_look_is_refused_when_it_is_read_back(told: object) -> None:
    with pytest.raises(ValueError, match="no theme"):
        look_from_json(told)


def test_colours_that_cannot_be_read_on_white_are_kept_darker(app: Application, admin: Actor) -> None:
    made = app.themes.add(admin, replace(MERIDIAN, accent="#ffe600", ink="#ffffff"))
    look = resolved(app, made)
    assert contrast_on_white(look.accent) >= 4.5
    assert contrast_on_white(look.ink) >= 4.5


def test_a_change_keeps_the_logo_unless_it_goes(app: Application, admin: Actor) -> None:
    made = app.themes.add(admin, MERIDIAN, logo=LogoFile("logo.png", picture()))
    app.themes.change(admin, made, replace(MERIDIAN, logo_alt="A compass rose"), version=1)
    logo = resolved(app, made).logo
    assert logo is not None
    assert logo.alt == "A compass rose"
    app.themes.change(admin, made, MERIDIAN, version=2, logo=LogoFile("other.jpg", picture("JPEG", (40, 40))))
    logo = resolved(app, made).logo
    assert logo is not None
    assert logo.width == 40


def test_another_theme_becomes_the_default_and_only_one_is(app: Application, admin: Actor) -> None:
    app.themes.add(admin, MERIDIAN)
    other = app.themes.add(admin, replace(MERIDIAN, title="Second", house="Second house"))
    assert resolved(app).name == "Meridian Advisory"
    app.themes.make_default(admin, other)
    app.themes.make_default(admin, other)
    assert resolved(app).name == "Second house"
    assert [one.is_default for one in app.themes_queries.all(admin)] == [True, False]
    assert [one.event for one in app.audit_queries.entries(event="theme.made_default")] == ["theme.made_default"]


def test_removing_the_default_brings_back_the_look_that_comes_with_countersign(app: Application, admin: Actor) -> None:
    made = app.themes.add(admin, MERIDIAN)
    app.themes.remove(admin, made)
    assert resolved(app) == BUILT_IN
    with pytest.raises(NotFound):
        resolved(app, made)
    with pytest.raises(NotFound):
        app.themes.remove(admin, made)


def test_every_change_is_in_the_audit_chain_with_the_digest_of_the_logo(app: Application, admin: Actor) -> None:
    made = app.themes.add(admin, MERIDIAN, logo=LogoFile("logo.png", picture()))
    app.themes.change(admin, made, replace(MERIDIAN, footer="For Acme"), version=1)
    app.themes.remove(admin, made)
    entries = app.audit_queries.entries(subject=f"theme:{made}")
    assert [one.event for one in entries] == ["theme.removed", "theme.changed", "theme.added"]
    changed = entries[1]
    assert changed.before is not None
    assert changed.after is not None
    assert (changed.before["footer"], changed.after["footer"]) == ("Confidential", "For Acme")
    assert len(changed.after["logo"]) == 64


@pytest.mark.parametrize("role", [Role.USER, Role.OPERATOR, Role.COUNCIL, Role.ANALYST])
def test_only_admins_change_themes(app: Application, admin: Actor, person: Callable[..., Actor], role: Role) -> None:
    made, other = app.themes.add(admin, MERIDIAN), person(role)
    for refused in (
        lambda: app.themes.add(other, replace(MERIDIAN, title="Mine")),
        lambda: app.themes.change(other, made, MERIDIAN, version=1),
        lambda: app.themes.make_default(other, made),
        lambda: app.themes.remove(other, made),
    ):
        with pytest.raises(NotAllowed):
            refused()
    assert [one.version for one in app.themes_queries.all(admin)] == [1]


def test_users_see_no_themes_and_a_token_only_what_it_is_for(
    app: Application, admin: Actor, person: Callable[..., Actor]
) -> None:
    made = app.themes.add(admin, MERIDIAN)
    with pytest.raises(NotAllowed):
        app.themes_queries.all(person(Role.USER))
    assert app.themes_queries.theme(person(Role.ANALYST), made).title == "Meridian"
    reads = replace(admin, scopes=frozenset({"read"}))
    assert app.themes_queries.default(reads).name == "Meridian Advisory"
    with pytest.raises(NotAllowed, match="scope admin"):
        app.themes.remove(reads, made)
    with pytest.raises(NotAllowed, match="scope read"):
        app.themes_queries.all(replace(admin, scopes=frozenset({"propose"})))


def test_two_that_change_the_same_theme_do_not_overwrite_each_other(app: Application, admin: Actor) -> None:
    made = app.themes.add(admin, MERIDIAN)

    def change(footer: str) -> str:
        try:
            app.themes.change(admin, made, replace(MERIDIAN, footer=footer), version=1)
        except Conflict:
            return "refused"
        return footer

    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(change, ["one", "two"]))
    assert told.count("refused") == 1
    assert resolved(app, made).footer in told
    with pytest.raises(Conflict):
        app.themes.remove(admin, made, version=1)
    app.themes.remove(admin, made, version=2)


def test_two_first_themes_at_the_same_moment_make_one_default(app: Application, admin: Actor) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: app.themes.add(admin, replace(MERIDIAN, title=f"Theme {n}")), range(4)))
    assert sorted(one.is_default for one in app.themes_queries.all(admin)) == [False, False, False, True]


def test_titles_are_unique_whatever_their_capitals(app: Application, admin: Actor) -> None:
    made = app.themes.add(admin, MERIDIAN)
    with pytest.raises(ThemeTitleTaken):
        app.themes.add(admin, replace(MERIDIAN, title="MERIDIAN"))
    other = app.themes.add(admin, replace(MERIDIAN, title="Other"))
    with pytest.raises(ThemeTitleTaken):
        app.themes.change(admin, other, MERIDIAN, version=1)
    app.themes.change(admin, made, replace(MERIDIAN, title="meridian"), version=1)


def test_there_is_an_end_of_themes(app: Application, admin: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MOST_THEMES", 1)
    app.themes.add(admin, MERIDIAN)
    with pytest.raises(TooManyThemes):
        app.themes.add(admin, replace(MERIDIAN, title="Second"))


@pytest.mark.parametrize(
    "change",
    [
        {"title": ""}, {"title": "  "}, {"title": "x" * 81}, {"title": "two\nlines"}, {"title": "\u202egnorw"},
        {"title": "\u200b"}, {"house": ""}, {"house": "bell\a"}, {"house": "half \ud800"}, {"house": "nul\0"},
        {"footer": "x" * 121}, {"footer": "a\u2028b"}, {"accent": "blue"}, {"ink": "url(x)"},
        {"heading_font": "Comic Sans"}, {"body_font": "../../etc/passwd"}, {"paper": "a0"},
    ],
)  # fmt: skip
def test_what_cannot_be_printed_is_refused(app: Application, admin: Actor, change: dict[str, str]) -> None:
    with pytest.raises(InvalidInput):
        app.themes.add(admin, replace(MERIDIAN, **change))  # type: ignore[arg-type]
    assert not app.themes_queries.all(admin)


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", "#let x = read(\"/etc/passwd\")", "'; DROP TABLE themes; --", "**bold** _x_",
             "ग्राहक", "株式会社", "شركة", "${7*7}", "{{7*7}}"],
)  # fmt: skip
def test_names_with_markup_are_names(app: Application, admin: Actor, name: str) -> None:
    made = app.themes.add(admin, replace(MERIDIAN, title=name, house=name, footer=name))
    look = resolved(app, made)
    assert (look.name, look.footer) == (name, name)
    assert look_from_json(theme_snapshot(look)) == look


def test_a_logo_is_written_anew_without_what_it_carried(app: Application, admin: Actor) -> None:
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Comment", "<script>secret</script>")
    made = BytesIO()
    Image.new("RGB", (50, 50), "red").save(made, "PNG", pnginfo=notes)
    theme = app.themes.add(admin, MERIDIAN, logo=LogoFile("logo.png", made.getvalue() + b"PK\x03\x04 a program"))
    logo = resolved(app, theme).logo
    assert logo is not None
    assert logo.data.startswith(b"\x89PNG")
    assert b"secret" not in logo.data
    assert b"a program" not in logo.data


def test_a_logo_stands_upright_as_its_camera_held_it(app: Application, admin: Actor) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    made = BytesIO()
    Image.new("RGB", (80, 20), "red").save(made, "JPEG", exif=exif)
    logo = resolved(app, app.themes.add(admin, MERIDIAN, logo=LogoFile("logo.jpg", made.getvalue()))).logo
    assert logo is not None
    assert (logo.width, logo.height) == (20, 80)


def test_a_large_logo_is_made_as_small_as_pages_need_it(app: Application, admin: Actor) -> None:
    file = LogoFile("logo.png", picture(size=(4000, 3000)))
    logo = resolved(app, app.themes.add(admin, MERIDIAN, logo=file)).logo
    assert logo is not None
    assert (logo.width, logo.height) == (800, 600)


def _unseen() -> bytes:
    made = BytesIO()
    Image.new("RGBA", (50, 50), (0, 0, 0, 0)).save(made, "PNG")
    return made.getvalue()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("logo.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"),
        ("logo.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("logo.png", b""),
        ("logo.png", picture()[:60]),
        ("logo.jpg", picture()),
        ("logo.gif", picture("GIF")),
        ("logo", picture()),
        ("logo.png", picture() + b"\0" * 2_000_000),
        ("logo.png", _unseen()),
    ],
    ids=["svg", "svg as png", "empty", "cut", "png as jpg", "gif", "no ending", "too large", "unseen"],
)
def test_a_logo_that_is_none_is_refused_in_words(app: Application, admin: Actor, name: str, data: bytes) -> None:
    with pytest.raises(LogoRefused, match="nothing was saved"):
        app.themes.add(admin, MERIDIAN, logo=LogoFile(name, data))
    assert not app.themes_queries.all(admin)


def test_a_picture_that_unfolds_to_gigabytes_is_refused(app: Application, admin: Actor) -> None:
    made = BytesIO()
    Image.new("1", (20_000, 20_000)).save(made, "PNG")
    with pytest.raises(LogoRefused):
        app.themes.add(admin, MERIDIAN, logo=LogoFile("logo.png", made.getvalue()))


def test_a_theme_that_is_not_there_is_said_so(app: Application, admin: Actor) -> None:
    nobody = new_id()
    acts: list[Callable[[], object]] = [
        lambda: app.themes.change(admin, nobody, MERIDIAN, version=1),
        lambda: app.themes.make_default(admin, nobody),
        lambda: app.themes_queries.theme(admin, nobody),
    ]
    for act in acts:
        with pytest.raises(CountersignError, match="no theme"):
            act()
