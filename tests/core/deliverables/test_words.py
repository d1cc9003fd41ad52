"""Figures are written as each language writes them, and every fixed word is there in each of them."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from babel import Locale

from core.deliverables import words as module
from core.deliverables.words import TRANSLATIONS, UnknownLanguage, UnknownZone, Words, languages, translated

ROOM = Path(module.__file__).parent
AT = datetime(2026, 1, 5, 20, 2, 33, tzinfo=UTC)
LANGUAGES = sorted(translated() - {"en"})


def _keys() -> Iterator[str]:
    """Every text that anything in the room gives to `say` or marks with `term`."""
    for path in sorted(ROOM.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if name in ("say", "term") and isinstance(node.args[0].value, str):
                    yield node.args[0].value


def _told(language: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((TRANSLATIONS / f"{language}.json").read_text(encoding="utf-8"))
    return found


def _forms(said: Any) -> list[str]:
    return [said] if isinstance(said, str) else list(said.values())


def _places(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


def test_the_languages_that_were_promised_have_words() -> None:
    assert {"en", "de", "fr", "es", "hi", "ja", "ar"} <= translated()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_fixed_word_is_there_in_each_language(language: str) -> None:
    missing = sorted(set(_keys()) - set(_told(language)))

    assert not missing, f"translations/{language}.json lacks {len(missing)}: {missing[:20]}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_translation_is_kept_that_nobody_asks_for(language: str) -> None:
    assert not sorted(set(_told(language)) - set(_keys()))


@pytest.mark.parametrize("language", sorted(translated()))
def test_a_translation_has_the_places_of_the_english_text(language: str) -> None:
    wrong = [
        (key, form) for key, said in _told(language).items() for form in _forms(said)
        if not (_places(form) == _places(key) or (not isinstance(said, str) and _places(form) | {"n"} == _places(key)))
    ]  # fmt: skip

    assert not wrong


@pytest.mark.parametrize("language", sorted(translated()))
def test_forms_by_number_are_those_of_the_language(language: str) -> None:
    known = set(Locale.parse(language).plural_form.tags) | {"other"}
    forms = [set(said) for said in _told(language).values() if not isinstance(said, str)]

    assert all("other" in one and one <= known for one in forms)


@pytest.mark.parametrize(
    ("language", "money"),
    [("hi", "₹12,34,567.89"), ("en-IN", "₹12,34,567.89"), ("en", "₹1,234,567.89"), ("ja", "₹1,234,567.89")],
)
def test_rupees_are_grouped_as_the_language_does(language: str, money: str) -> None:
    assert Words(language).money(Decimal("1234567.89"), "INR") == money


def test_figures_are_written_as_germans_write_them() -> None:
    words = Words("de", "Europe/Berlin")

    assert words.money(Decimal("1234.56"), "EUR") == "1.234,56\u00a0€"
    assert words.percent(0.614) == "61\u00a0%" and words.percent(0.614, digits=1) == "61,4\u00a0%"
    assert words.number(Decimal("1234567.891"), digits=1) == "1.234.567,9"
    assert words.moment(AT) == "05.01.2026, 21:02" and words.day(AT) == "5. Januar 2026"


def test_a_day_is_the_one_it_is_in_the_zone() -> None:
    assert Words("en", "Asia/Kolkata").day(AT) == "6 January 2026"
    assert Words("en", "Asia/Kolkata").day(date(2026, 1, 5)) == "5 January 2026"
    assert Words("en", "Asia/Kolkata").moment_with_zone(AT) == "6 Jan 2026, 01:32 (Asia/Kolkata)"


def test_yen_have_no_decimals() -> None:
    assert Words("ja").money(Decimal("1234.00"), "JPY") == "￥1,234"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 sec"), (59.4, "59 sec"), (3600, "1 hr"), (12_000, "3 hr 20 min"), (180_000, "2 days 2 hr"), (-5, "0 sec")],
)
def test_a_duration_has_its_two_largest_units(seconds: float, said: str) -> None:
    assert Words().duration(seconds) == said


@pytest.mark.parametrize("language", sorted({*languages(), "ta", "zh-Hant", "he", "pt-BR"}))
def test_no_language_writes_spaces_that_fonts_lack(language: str) -> None:
    words = Words(language, "Asia/Kolkata")
    said = [
        words.number(Decimal("-1234567.8")), words.percent(0.5), words.money(Decimal("-1234.5"), "USD"), words.day(AT),
        words.moment(AT), words.days(date(2026, 1, 1), date(2027, 6, 30)), words.duration(12_000), words.month(AT),
        words.listed(["a", "b", "c"]), words.short_day(AT), words.amount(Decimal("2.5"), "hours"),
    ]  # fmt: skip

    assert all(one and not set(one) & {"\u2009", "\u202f"} for one in said)


def test_a_language_without_words_has_the_english_ones_and_its_own_figures() -> None:
    words = Words("ta")

    assert words.say("{n} rows", n=1) == "1 row"
    assert words.number(1234567) == "12,34,567"


def test_a_kind_of_a_language_has_its_words() -> None:
    assert Words("de-AT").say("Summary") == Words("de").say("Summary") != "Summary"


def test_the_number_chooses_the_form() -> None:
    assert [Words().say("{n} rows", n=n) for n in (0, 1, 1234)] == ["0 rows", "1 row", "1,234 rows"]


@pytest.mark.parametrize("value", ["{n}", "{0.__class__}", "%s", "{{7*7}}", "\\1", "{missing}"])
def test_a_value_is_text_whatever_it_holds(value: str) -> None:
    assert Words().say("{a} and {n}", a=value, n=3) == f"{value} and 3"


@pytest.mark.parametrize("language", ["", "en_US", "../../etc", "xx", "de-AT-../x", "de@euro", "e" * 300, "en\n"])
def test_what_is_no_language_is_refused_by_name(language: str) -> None:
    with pytest.raises(UnknownLanguage, match="is no language"):
        Words(language)


@pytest.mark.parametrize("zone", ["", "../etc/passwd", "/etc/passwd", "America", "No/Where", "UTC\0"])
def test_what_is_no_time_zone_is_refused_by_name(zone: str) -> None:
    with pytest.raises(UnknownZone, match="is no time zone"):
        Words("en", zone)


def test_languages_are_named_in_their_own_words() -> None:
    assert languages()["de"] == "Deutsch" and languages()["hi"] == "हिन्दी"
    assert all(Words(tag) for tag in languages())


@pytest.mark.parametrize("language", sorted(languages()))
def test_whole_money_has_no_smaller_units(language: str) -> None:
    assert re.sub(r"\D", "", Words(language).money(Decimal("1234567.89"), "USD", whole=True)) == "1234568"
    assert re.sub(r"\D", "", Words(language).number(Decimal("-1234.56"), digits=1)) == "12346"


@pytest.mark.parametrize(("language", "said"), [("en", "One."), ("ja", "One。"), ("hi", "One।"), ("ar", "One.")])
def test_a_sentence_ends_once_as_its_language_does(language: str, said: str) -> None:
    assert Words(language).sentence("One") == said == Words(language).sentence(said)


def test_nought_below_nought_has_no_sign_whoever_comes_first() -> None:
    words = Words()
    below = Decimal("-0.0")
    assert (words.number(below), words.money(below, "USD"), words.percent(below)) == ("0", "$0.00", "0%")
    assert (words.number(Decimal(0)), words.money(Decimal(0), "USD"), words.percent(0.0)) == ("0", "$0.00", "0%")
