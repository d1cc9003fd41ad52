"""Markdown becomes blocks: nothing of it is lost, nothing is fetched or opened, and no text makes it slow."""

from __future__ import annotations

import base64
import io
import re
import time
import unicodedata
from collections.abc import Iterator
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from core.deliverables.content import (
    Block,
    Code,
    Heading,
    ItemList,
    Paragraph,
    Picture,
    Quote,
    Span,
    Table,
    text_of,
)
from core.deliverables.documents.markdown import blocks_of, text_in
from core.deliverables.documents.pictures import MOST_PICTURES, PictureReader
from core.deliverables.documents.spans import link_to
from core.deliverables.gathering.legible import legible
from core.deliverables.words import Words
from core.errors import NotFound


def said(text: str) -> str:
    return "\n".join(text_in(blocks_of(text)))


def spans_of(text: str) -> tuple[Span, ...]:
    (block,) = blocks_of(text)
    assert isinstance(block, Paragraph)
    return block.spans


def bytes_of(format: str = "PNG", size: tuple[int, int] = (40, 20), mode: str = "RGB") -> bytes:
    held = io.BytesIO()
    Image.new(mode, size).save(held, format)
    return held.getvalue()


def data_uri(data: bytes, kind: str = "png") -> str:
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"


def read(address: str, **more: object) -> tuple[Block, ...]:
    return blocks_of(f"before ![A *chart*]({address} 'Cap') after", pictures=PictureReader(**more))  # type: ignore[arg-type]


def test_emphasis_code_and_strikes_become_manners_of_spans() -> None:
    assert spans_of("a **b _c_** `d*` ~~e~~") == (
        Span("a "), Span("b ", bold=True), Span("c", bold=True, italic=True), Span(" "), Span("d*", code=True),
        Span(" "), Span("e", struck=True),
    )  # fmt: skip


def test_headings_have_at_most_four_levels_and_none_inside_of_quotes() -> None:
    found = blocks_of("# a\n\n###### b\n\n> # c\n")

    assert [one.level for one in found if isinstance(one, Heading)] == [1, 4]
    assert found[-1] == Quote((Paragraph((Span("c", bold=True),)),))


def test_lists_keep_their_order_their_start_and_their_tasks() -> None:
    (found,) = blocks_of("3. one\n4. two\n   - [ ] open\n   - [x] **done**\n")

    assert isinstance(found, ItemList)
    assert (found.ordered, found.start, len(found.items)) == (True, 3, 2)
    inner = found.items[1][1]
    assert isinstance(inner, ItemList)
    assert list(text_in((inner,))) == ["☐ open", "☑ done"]


def test_rows_of_a_table_may_be_shorter_or_longer_than_its_head() -> None:
    (found,) = blocks_of("| a | b |\n|--:|---|\n| 1 | 2 | three | f\\|our |\n| 5 |\n")

    assert isinstance(found, Table)
    assert [column.number for column in found.columns] == [True, False, False, False]
    assert [[cell.text for cell in row] for row in found.rows] == [["1", "2", "three", "f|our"], ["5", "", "", ""]]


def test_a_table_in_a_list_in_a_quote_keeps_its_extra_cells() -> None:
    assert "extra" in said("> - x\n>\n>   | a |\n>   |---|\n>   | b | extra |\n")


def test_code_is_kept_letter_by_letter() -> None:
    assert blocks_of("```python\n  <b>&amp;\\*\n\n```\n") == (Code("  <b>&amp;\\*\n", "python"),)
    assert blocks_of("    a\n      b") == (Code("a\n  b"),)


def test_what_stands_behind_the_language_of_code_is_not_lost() -> None:
    assert "first line" in said("```sh first line\nx\n```")


def test_html_is_text_as_it_was_written() -> None:
    text = '<script>alert(1)</script> <b onclick="x">y</b> <!-- hidden -->'

    assert said(text) == text
    assert said(f"<div>\n{text}\n</div>") == f"<div> {text} </div>"


def test_entities_and_hard_line_ends_are_read() -> None:
    assert text_of(spans_of("&amp; &copy; &#x41;  \nnext\nsame")) == "& © A\nnext same"


@pytest.mark.parametrize(
    "address", ["https://example.com/a?b=1&c=%20d#e", "http://example.com", "mailto:asha@example.com"]
)
def test_links_to_the_web_and_to_mailboxes_are_kept(address: str) -> None:
    assert spans_of(f"[words]({address})") == (Span("words", link=address),)


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "JaVaScRiPt:x", "vbscript:x", "file:///etc/passwd", "data:text/html,x", "/etc/passwd",
     "../../x", "ftp://x.y", "//x.y/z", "#part", "http:x", "https://"],
)  # fmt: skip
def test_every_other_address_is_text_behind_the_words(address: str) -> None:
    assert spans_of(f"[words]({address})") == (Span(f"words ({address})"),)


def test_a_link_that_names_another_address_says_where_it_leads() -> None:
    assert text_of(spans_of("[https://bank.example](https://evil.example)")) == (
        "https://bank.example (https://evil.example)"
    )


def test_links_are_spelled_in_letters_that_cannot_be_mistaken() -> None:
    assert link_to("https://example.com/\u202emoc") == "https://example.com/%E2%80%AEmoc"
    assert link_to('https://example.com/"x') == ""
    assert link_to("https://example.com/" + "a" * 3_000) == ""


def test_references_autolinks_and_links_without_words_are_read() -> None:
    spans = spans_of("[a][one] <https://x.example> [](https://y.example)\n\n[one]: https://z.example")

    assert [one.link for one in spans if one.link] == ["https://z.example", "https://x.example", "https://y.example"]
    assert text_of(spans) == "a https://x.example https://y.example"


def test_definitions_that_nothing_refers_to_are_there_as_text() -> None:
    assert said("text\n\n[note]: https://x.example 'A secret'\n[note]: https://second.example") == (
        'text\n[note]: https://x.example "A secret"\n[NOTE]: https://second.example'
    ).replace("[NOTE]", "[note]")


@pytest.mark.parametrize(("format", "kind"), [("PNG", "png"), ("JPEG", "jpeg"), ("GIF", "gif"), ("WEBP", "webp")])
def test_pictures_in_the_document_are_decoded_and_written_anew(format: str, kind: str) -> None:
    before, found, after = read(data_uri(bytes_of(format), kind))

    assert isinstance(found, Picture)
    assert (found.width, found.height, found.alt, found.caption) == (40, 20, "A chart", "Cap")
    assert found.media_type == ("image/jpeg" if format == "JPEG" else "image/png")
    assert [text_of(one.spans) for one in (before, after) if isinstance(one, Paragraph)] == ["before ", " after"]


def test_what_a_camera_wrote_beside_the_pixels_stays_behind() -> None:
    held, exif = io.BytesIO(), Image.Exif()
    exif[0x010E] = "taken at home"
    Image.new("RGB", (8, 8)).save(held, "JPEG", exif=exif, comment=b"secret place")
    _, found, _ = read(data_uri(held.getvalue(), "jpeg"))

    assert isinstance(found, Picture)
    assert b"home" in held.getvalue()
    assert b"home" not in found.data
    assert b"secret" not in found.data


def test_of_a_moving_picture_the_first_frame_is_shown() -> None:
    held = io.BytesIO()
    frames = [Image.new("RGB", (4, 4), colour) for colour in ("red", "green", "blue")]
    frames[0].save(held, "GIF", save_all=True, append_images=frames[1:])
    _, found, _ = read(data_uri(held.getvalue(), "gif"))

    assert isinstance(found, Picture)
    with Image.open(io.BytesIO(found.data)) as shown:
        assert (getattr(shown, "n_frames", 1), shown.convert("RGB").getpixel((0, 0))) == (1, (255, 0, 0))


def test_a_large_picture_is_made_smaller() -> None:
    _, found, _ = read(data_uri(bytes_of(size=(4_000, 10))))

    assert isinstance(found, Picture)
    assert found.width == 1_600


@pytest.mark.parametrize(
    "address",
    [
        "/etc/passwd", "file:///etc/hostname", "http://127.0.0.1:9/x.png", "https://example.com/x.png", "x.png",
        "data:image/svg+xml;base64,PHN2Zy8+", "data:image/png;base64,AAAA", "data:image/png;base64,====",
        "data:text/html;base64,AAAA", f"sha256:{'0' * 64}", "sha256:../../etc/passwd",
    ],
)  # fmt: skip
def test_every_other_picture_is_there_in_words(address: str) -> None:
    (found,) = read(address)

    assert isinstance(found, Paragraph)
    text = text_of(found.spans)
    assert "[Picture: A chart (" in text
    assert "Cap is not shown] after" in text
    assert address.startswith("data:") or address in text


def test_a_picture_cut_off_or_with_too_many_pixels_is_there_in_words() -> None:
    whole = bytes_of(size=(200, 200), mode="L")

    for data in (whole[: len(whole) // 2], bytes_of("GIF", (6_000, 6_000), "1")):
        (found,) = read(data_uri(data))
        assert isinstance(found, Paragraph)


def test_kept_files_are_shown_where_the_thing_itself_names_them() -> None:
    data = bytes_of()
    digest = sha256(data).hexdigest()
    asked: list[str] = []

    def kept(one: str) -> bytes:
        asked.append(one)
        return data

    assert any(isinstance(one, Picture) for one in read(f"sha256:{digest}", kept=kept, named=[digest]))
    assert not any(isinstance(one, Picture) for one in read(f"sha256:{digest}", kept=kept, named=["1" * 64]))
    assert asked == [digest]


def test_a_kept_file_that_the_reader_may_not_have_is_there_in_words() -> None:
    def refused(digest: str) -> bytes:
        raise NotFound(kind="file", id=digest)

    (found,) = read(f"sha256:{'a' * 64}", kept=refused, named=["a" * 64])

    assert isinstance(found, Paragraph)


def test_no_report_decodes_pictures_without_end() -> None:
    one = f"![x]({data_uri(bytes_of(size=(1, 1)))})\n\n"
    found = blocks_of(one * (MOST_PICTURES + 5), pictures=PictureReader())

    assert sum(isinstance(block, Picture) for block in found) == MOST_PICTURES
    assert len(found) == MOST_PICTURES + 5


def test_pictures_in_headings_and_cells_are_there_in_words() -> None:
    address = data_uri(bytes_of(size=(100, 100)))
    text = "\n".join(
        text_in(blocks_of(f"# a ![b]({address})\n\n|c|\n|-|\n|![d]({address})|", pictures=PictureReader()))
    )

    assert "[Picture: b]" in text
    assert "[Picture: d]" in text


def test_data_that_is_no_picture_in_its_place_is_not_lost() -> None:
    address = data_uri(bytes_of(size=(100, 100)))

    assert said(f"`{address}` {address}") == f"{address} {address}"


def test_the_words_about_pictures_are_in_the_language_of_the_report() -> None:
    words = Words("de")

    assert list(text_in(blocks_of("![x](y)", words=words))) == [
        words.say("[Picture: {told} is not shown]", told="x (y)")
    ]


def test_characters_that_break_files_or_turn_letters_are_replaced() -> None:
    assert said("a\x00b\x07c\ud800d\ufffee\u202ef\x85g") == "a\ufffdb\ufffdc\ufffdd\ufffde\ufffdf g"
    assert legible("a\r\nb\rc\u2028d\te") == "a\nb\nc\nd\te"


@pytest.mark.parametrize("sign", [">", "-", "1.", "> -"])
def test_a_thousand_quotes_or_lists_in_each_other_lose_nothing(sign: str) -> None:
    assert "the end" in said(f"{sign} " * 1_000 + "the end")
    text = said("".join("  " * depth + f"{sign} w{depth}\n" for depth in range(300)))
    assert all(f"w{depth}" in text for depth in range(300))


def test_a_hundred_thousand_words_are_all_there() -> None:
    words = [f"w{at:06d}" for at in range(100_000)]

    assert said(" ".join(words)).split() == words
    assert said("\n\n".join(words)).split() == words


@pytest.mark.parametrize(
    "part",
    ["[", "![", "*a ", "**a*b ", "[a](", "[x][", "[[]", "![[]](", "`", "`` ` ", "<a ", "[a]: b\n", "- a\n", "|a|b|\n",
     "a\n-\n", "&", "\\", "x" * 50, "![a](b)", "> > - "],
)  # fmt: skip
def test_no_text_takes_more_time_than_its_length(part: str) -> None:
    started = time.process_time()
    blocks_of(part * (100_000 // len(part)))

    assert time.process_time() - started < 20, "linear it takes below 2 seconds; squared it took a minute"


def test_one_line_of_a_million_letters_is_whole() -> None:
    assert len(said("ä" * 1_000_000)) == 1_000_000


_WORD = st.text(st.characters(categories=("L", "Nd")), min_size=1, max_size=8)
_MARK = st.sampled_from(
    ["# ", "###### ", "> ", "- ", "* ", "1. ", "12) ", "- [ ] ", "    ", "\n", "\n\n", "```\n", "~~~\n", "**", "_", "`", "``",
     "~~", "|", " | ", "\n|-|-|\n", "[", "](", "](http://x.example)", ")", "![", "<", ">", "</b>", "<!--", "&", "&amp;", "\\",
     "---\n", "===\n", "[a]: ", "  \n", "\t", "\ufffe0\ufffe", "\u202e", "!", ":", " "]
)  # fmt: skip


@given(st.lists(_WORD | _MARK, max_size=40).map("".join))
def test_every_word_of_any_markdown_is_in_its_blocks(text: str) -> None:
    seen = said(text) + "".join(_links_in(blocks_of(text)))
    # what is read as an entity is another letter afterwards; everything else stands there as it was
    plain_text = re.sub(r"&#?\w+;?", " ", text)

    missing = [one for one in re.findall(r"[^\W_]+", plain_text) if one not in seen and not _is_a_sign(one, text)]
    assert not missing, (missing, seen)


def _links_in(blocks: tuple[Block, ...]) -> Iterator[str]:
    for block in blocks:
        match block:
            case Paragraph() | Heading():
                yield from (span.link for span in block.spans)
            case Quote():
                yield from _links_in(block.blocks)
            case ItemList():
                for item in block.items:
                    yield from _links_in(item)
            case _:
                pass


def _is_a_sign(word: str, text: str) -> bool:
    """The number of a list's item, the language of code, the label of a reference that was used: no words of the text."""
    numbers = word.isascii() and word.isdigit() and re.search(rf"{word}[.)]", text) is not None
    language = re.search(rf"(?:```|~~~)[^\n]*{re.escape(word)}", text) is not None
    folded = unicodedata.normalize("NFKC", word).casefold() in said(text).casefold()
    return numbers or language or folded or "[a]: " in text
