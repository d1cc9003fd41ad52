"""Each network counts its own way; the examples are those of its documentation."""

from __future__ import annotations

import unicodedata

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from core.connectors.transports.social import bluesky, instagram, linkedin, mastodon, x
from core.connectors.transports.social.counting import graphemes, utf16, weighted, with_links_as
from core.connectors.transports.social.little_text import little, plain
from core.connectors.transports.social.records import facets_of, record_key
from tests.doubles import linkedin as linkedin_double

FAMILY = "👨‍👩‍👧‍👦"
texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=80)


@pytest.mark.parametrize(
    ("text", "weight"),
    [
        ("", 0),
        ("a" * 280, 280),
        ("café", 4),
        (unicodedata.normalize("NFD", "café"), 4),
        ("日" * 140, 280),
        ("한국어", 6),
        ("नमस्ते", 6),
        ("“quoted” – dash", 15),
        ("…", 2),
        (FAMILY, 2),
        ("👍🏽", 2),
        ("🇩🇪", 2),
        ("1️⃣", 2),
        ("©", 2),
        ("日本example.com", 4 + 23),
        ("café.fr", 23),
        ("co.uk?q=1", 23 + 4),
        ("http://t.co/a.b", 23 + 2),
        ("a_co.uk", 7),
        ("éhttps://example.org", 1 + 23),
        ("©️", 2),
        ("❤", 2),
        ("https://example.com", 23),
        ("https://example.com/" + "a" * 200, 23),
        ("see https://example.com/a?b=c.", 4 + 23 + 1),
        ("(http://example.com/a_(b))", 1 + 23 + 1),
        ("example.com", 23),
        ("www.example.co.uk/path", 23),
        ("read.notadomain", 15),
        ("asha@example.com", 16),
        ("#example.com", 12),
        ("https://example.com/日本", 23 + 4),
        ("example.com.And then", 23 + 9),
        ("HTTPS://EXAMPLE.COM", 23),
        ("version 1.2.3", 13),
    ],
)
def test_x_weighs_letters_emoji_and_links(text: str, weight: int) -> None:
    assert weighted(text) == weight


@given(texts, texts)
def test_weight_is_the_same_for_every_spelling_and_grows_with_the_text(text: str, more: str) -> None:
    assert weighted(unicodedata.normalize("NFD", text)) == weighted(unicodedata.normalize("NFC", text))
    assert 0 <= weighted(text) <= 2 * len(unicodedata.normalize("NFC", text)) + 23 * text.count(".")
    assert weighted(f"{text}\n{more}") == weighted(text) + 1 + weighted(more)


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("Hello", 5),
        (FAMILY, 1),
        ("🇩🇪🇫🇷", 2),
        ("e\u0301", 1),
        ("한국어", 3),
        ("นำ", 1),
    ],
)
def test_bluesky_counts_graphemes(text: str, length: int) -> None:
    assert graphemes(text) == length == bluesky.MANNER.count(text)


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("Hello", 5),
        ("https://example.com/" + "a" * 200, 23),
        ("http://e.org!", 24),
        ("@asha@mastodon.social hi", len("@asha hi")),
        ("@asha hi", 8),
        (f"{FAMILY}x", 2),
    ],
)
def test_mastodon_counts_links_alike_and_of_mentions_the_name(text: str, length: int) -> None:
    assert mastodon.MANNER.count(text) == length
    assert with_links_as("http://e.org", 40) == 40


@pytest.mark.parametrize(("text", "length"), [("Hello", 5), ("👍", 2), ("äö", 2)])
def test_linkedin_and_instagram_count_utf16_units(text: str, length: int) -> None:
    assert utf16(text) == linkedin.MANNER.count(text) == instagram.MANNER.count(text) == length


def test_limits_are_those_of_the_networks() -> None:
    manners = (linkedin.MANNER, instagram.MANNER, x.MANNER, mastodon.MANNER, bluesky.MANNER)
    assert [one.most for one in manners] == [3_000, 2_200, 280, 500, 300]
    assert list(bluesky.MANNER.objections("ä" * 1500)) == []
    assert list(bluesky.MANNER.objections("ä" * 1501)) == ["it has 3,002 of at most 3,000 bytes on Bluesky."]
    assert list(instagram.MANNER.objections("#a " * 31)) == ["it has 31 of at most 30 hashtags on Instagram."]
    assert list(instagram.MANNER.objections("@a " * 21)) == ["it has 21 of at most 20 mentions on Instagram."]


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("plain", "plain"),
        ("a_b|c(d)[e]{f}*g~h<i>j\\k", r"a\_b\|c\(d\)\[e\]\{f\}\*g\~h\<i\>j\\k"),
        ("@asha and #tag", r"\@asha and {hashtag|\#|tag}"),
        ("＃陶芸", "{hashtag|＃|陶芸}"),
        ("#two_words", r"{hashtag|\#|two\_words}"),
        ("issue #12 and C#", r"issue \#12 and C\#"),
        ("https://example.com/#part", r"https://example.com/\#part"),
    ],
)
def test_linkedin_text_is_escaped_and_hashtags_stay_hashtags(text: str, sent: str) -> None:
    assert little(text) == sent
    assert plain(sent) == text


@given(st.text(st.sampled_from("ab1 #＃_|()[]{}@*~<>\\\n日äéß👍"), max_size=60) | texts)
def test_nothing_of_a_text_is_cut_on_linkedin(text: str) -> None:
    assert linkedin_double.read(little(text)) == text
    assert plain(little(text)) == text


@given(texts)
def test_facets_point_at_what_they_name(text: str) -> None:
    whole = f"{text} https://example.com/ä, #tag"
    for facet in facets_of(whole):
        index, feature = facet["index"], facet["features"][0]
        named = whole.encode()[index["byteStart"] : index["byteEnd"]].decode()
        assert named == feature.get("uri") or named[1:] == feature["tag"]
    assert len(facets_of(whole)) >= 2


@given(st.text(max_size=40), st.text(max_size=40))
def test_record_keys_are_tids_and_the_same_for_the_same_key_only(one: str, other: str) -> None:
    assert regex.fullmatch(r"[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}", record_key(one))
    assert (record_key(one) == record_key(other)) == (one == other)


def test_record_keys_sort_by_when_it_was_proposed() -> None:
    early = "01937a2e-0000-7000-8000-000000000000:abcdef"
    late = "01937a2f-0000-7000-8000-000000000000:000000"
    assert record_key(early) < record_key(late)
    assert record_key(early) != record_key(f"{early}0")
