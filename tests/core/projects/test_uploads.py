"""Files of items: what they mean, and what is wrong with them, said with the line."""

from __future__ import annotations

import json

import pytest

from core.errors import InvalidInput
from core.projects.rules import MAX_FILE_BYTES, MAX_ITEMS
from core.projects.uploads import NewItem, read_items, read_upload


def test_csv_row_is_an_operation_with_its_parameters() -> None:
    text = (
        "key;operation;to;subject;body;values.name;values.tags;note\r\n"
        'a;email_send;"x@example.com, y@example.com";Hi;"two\nlines";Ravi;[1, 2];\r\n'
        "\r\n"
        "b;odoo_update;;;;Meera;;[not JSON\r\n"
    )
    first, second = read_upload(("\ufeff" + text).encode(), "items.csv")
    assert (first.key, first.operation, first.line) == ("a", "email_send", 2)
    assert first.params == {
        "to": "x@example.com, y@example.com", "subject": "Hi", "body": "two\nlines",
        "values": {"name": "Ravi", "tags": [1, 2]},
    }  # fmt: skip
    assert (second.key, second.line, second.params) == ("b", 5, {"values": {"name": "Meera"}, "note": "[not JSON"})


def test_channel_alone_means_its_usual_operation_and_params_may_be_one_cell() -> None:
    (item,) = read_upload(b'channel,params\nemail,"{""to"": [""x@example.com""]}"\n', "x.csv")
    assert item == NewItem("email_send", {"to": ["x@example.com"]}, "", 2)


def test_json_is_a_list_or_an_object_with_items() -> None:
    one = {"operation": "email_send", "params": {"to": "x@example.com"}, "key": 7}
    for told in ([one], {"items": [one]}):
        assert read_upload(json.dumps(told).encode(), "x.json") == [NewItem("email_send", {"to": "x@example.com"}, "7")]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "line 1 has no column named operation"),
        (b"operation,to\n", "it holds no items"),
        (b"to,subject\nx,y\n", "line 1 has no column named operation"),
        (b"operation,to,to\nemail_send,x,y\n", "two columns named to"),
        (b"operation,to\nemail_send,x,y\n", "line 2 has 3 cells, the first line has 2"),
        (b"operation,to\nemail_send,x\n,y\n", "line 3: it names no operation"),
        (b"channel,to\nsocial,x\n", "line 2: the channel social has several operations"),
        (b"operation,params\nx,[1]\n", "line 2: params is no JSON object"),
        (b"operation,params\nx,{\n", "line 2: params is not JSON"),
        (b"operation,a,a.b\nx,1,2\n", "line 2: a.b stands beside a value for a"),
        (b'operation,to\nx,"open\n', "line 2 is not CSV"),
        (b"operation,to\nx,\xff\n", "line 2 is not UTF-8"),
        (b"operation,to\nx,\x00\n", "line 2 holds a NUL"),
        (b"[{]", "line 1 is not JSON"),
        (b'{"a": 1}', "write a list of items"),
        (b"[1]", "item 1 is no object"),
        (b'[{"operation": "x", "parms": {}}]', "item 1 has parms"),
        (b'[{"operation": "x", "params": []}]', "params that are no object"),
        (b'[{"operation": "x", "key": {}}]', "a key that is no text"),
        (b'[{"operation": 3}]', "an operation that is no text"),
        (b"[NaN]", "not plain JSON"),
        (b"[" * 100_000, "not plain JSON"),
        (b"operation,key\nx," + b"k" * 121 + b"\n", "line 2: use at most 120 visible characters"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_with_its_line(content: bytes, words: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_upload(content, "upload")
    assert words in str(refused.value)


def test_bounds_are_kept() -> None:
    with pytest.raises(InvalidInput, match="at most 5 MB"):
        read_upload(b" " * (MAX_FILE_BYTES + 1), "x.csv")
    with pytest.raises(InvalidInput, match=f"line {MAX_ITEMS + 2} is one too many"):
        read_upload(b"operation\n" + b"x\n" * (MAX_ITEMS + 1), "x.csv")
    with pytest.raises(InvalidInput, match="use at most 5,000"):
        read_items([{}] * (MAX_ITEMS + 1))
