"""Servers of language models on loopback: OpenAI's protocol and Anthropic's, over real HTTP, answering as they are told.

In this process: `with running_language_model() as double: double.replies.append(good({...}))`.
In one of its own, which survives the processes that a test kills: `with language_model_process(script) as remote:`.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import subprocess
import sys
import urllib.request
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import SHUT_RDWR
from threading import Event, Lock, Thread
from typing import Any

from tests.doubles.language_model_replies import (
    Asked,
    Reply,
    clarification,
    cut_short,
    dripping,
    dropped,
    fenced,
    good,
    malformed,
    out_of_credit,
    overflow,
    server_error,
    slow,
    throttled,
)  # fmt: skip

__all__ = [
    "KEY",
    "MARK",
    "Asked",
    "LanguageModelDouble",
    "RemoteLanguageModel",
    "Reply",
    "clarification",
    "cut_short",
    "dripping",
    "dropped",
    "fenced",
    "good",
    "language_model_process",
    "malformed",
    "out_of_credit",
    "overflow",
    "running_language_model",
    "scripted",
    "server_error",
    "slow",
    "throttled",
]  # fmt: skip

KEY = "sk-test-0c8e5fa1b7d94362"
MARK = "<<mark>>"
"""In a scripted text: eight letters that follow from the first message, so that each item gets a document of its own."""

_ROOT = Path(__file__).resolve().parents[2]


Answering = Callable[[Asked], Reply]


@dataclass
class LanguageModelDouble:
    url: str = ""
    """Without `/v1`, which OpenAI's protocol adds."""
    key: str | None = KEY
    """None: nobody is asked for one."""
    models: Sequence[str] = ("tiny-model", "gpt-5-mini", "claude-haiku-5-5")
    replies: deque[Reply] = field(default_factory=deque)
    """Taken first, one a call."""
    answering: Answering = field(default=lambda asked: good({"document": asked.document}))
    """For calls when `replies` is empty."""
    asked: list[Asked] = field(default_factory=list)
    probed: list[str] = field(default_factory=list)
    """GET requests."""
    going: Event = field(default_factory=Event)
    lock: Lock = field(default_factory=Lock)

    def counts(self) -> dict[str, Any]:
        with self.lock:
            return {
                "calls": len(self.asked),
                "by_document": Counter(one.document for one in self.asked),
                "by_request": Counter(one.digest for one in self.asked),
            }

    def reply_to(self, asked: Asked) -> Reply:
        with self.lock:
            self.asked.append(asked)
            return self.replies.popleft() if self.replies else self.answering(asked)


Script = Mapping[str, Sequence[Reply]]


def scripted(script: Script) -> Answering:
    """By document: the first call of a conversation gets the first reply, the call after that the second, the last stays.

    It keeps no state: a call that is made twice is answered alike twice.
    """

    def answer(asked: Asked) -> Reply:
        replies = script.get(asked.document) or script.get("*") or (good({"document": asked.document}),)
        reply = replies[min(asked.number, len(replies) - 1)]
        return replace(reply, text=reply.text.replace(MARK, asked.mark))

    return answer


@contextmanager
def running_language_model(answering: Answering | None = None, **more: Any) -> Iterator[LanguageModelDouble]:
    double = LanguageModelDouble(**more)
    if answering is not None:
        double.answering = answering
    server = _server(double)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield double
    finally:
        double.going.set()
        server.shutdown()
        thread.join(timeout=5)
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: object, client_address: object) -> None:
        """Says nothing: whoever gave up hung up."""


def _server(double: LanguageModelDouble, port: int = 0) -> _Server:
    handler = type("Handler", (_Handler,), {"double": double})
    server = _Server(("127.0.0.1", port), handler)
    double.url = f"http://127.0.0.1:{server.server_port}"
    return server


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    double: LanguageModelDouble

    def do_GET(self) -> None:
        if self.path == "/state":
            self._json(200, self.double.counts())
            return
        self.double.probed.append(self.path)
        if self._unknown_key():
            return
        named = self.path.rpartition("/models/")[2]
        if self.path.endswith("/models"):
            self._json(200, {"object": "list", "data": [{"id": one, "object": "model"} for one in self.double.models]})
        elif named in self.double.models:
            self._json(200, {"id": named, "object": "model"})
        else:
            self._json(404, _error(f"The model {named} does not exist", "model_not_found"))

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if self.path == "/script":
            script = {name: [Reply(**one) for one in replies] for name, replies in body.items()}
            self.double.answering = scripted(script)
            self._json(200, {})
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        if self._unknown_key():
            return
        reply = self.double.reply_to(Asked(self.path, headers, body))
        if self.double.going.wait(reply.hold) and reply.hold:
            return
        self._send(reply, str(body["model"]))

    def _unknown_key(self) -> bool:
        """Refuses with the key that was shown in the words, as some servers do."""
        shown = self.headers.get("authorization", "").removeprefix("Bearer ")
        if self.double.key is None or shown == self.double.key:
            return False
        self._json(401, _error(f"Incorrect API key provided: {shown}", "invalid_api_key"))
        return True

    def _send(self, reply: Reply, model: str) -> None:
        if reply.drop == "before":
            self._hang_up()
            return
        if reply.raw is not None:
            content, kind = reply.raw.encode(), "text/html"
        else:
            shape = _message if self.path.endswith("/messages") else _completion
            said = _error(reply.error, reply.code) if reply.error else shape(reply, reply.model or model)
            content, kind = json.dumps(said).encode(), "application/json"
        headers = {"content-type": kind, **reply.headers}
        if reply.zipped:
            content, headers["content-encoding"] = gzip.compress(content), "gzip"
        self.send_response(reply.status)
        for name, value in {**headers, "content-length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        if reply.drop == "after":
            self.wfile.write(content[: len(content) // 2])
            self.wfile.flush()
            self._hang_up()
        elif reply.drip:
            for place in range(len(content)):
                self.wfile.write(content[place : place + 1])
                self.wfile.flush()
                if self.double.going.wait(reply.drip):
                    return
        else:
            self.wfile.write(content)

    def _hang_up(self) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.shutdown(SHUT_RDWR)

    def _json(self, status: int, body: Any) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


def _error(words: str | None, code: str | None) -> dict[str, Any]:
    """OpenAI's shape and Anthropic's at once: each library reads its own part."""
    kinds = {
        "context_length_exceeded": "invalid_request_error", "rate_limit_exceeded": "rate_limit_error",
        "invalid_api_key": "authentication_error", "model_not_found": "not_found_error", "server_error": "api_error",
        "insufficient_quota": "insufficient_quota",
    }  # fmt: skip
    kind = kinds.get(code or "", "invalid_request_error")
    return {"type": "error", "error": {"message": words, "type": kind, "param": None, "code": code}}


def _completion(reply: Reply, model: str) -> dict[str, Any]:
    message = {"role": "assistant", "content": None if reply.refusal else reply.text, "refusal": reply.refusal}
    return {
        "id": "chatcmpl-1", "object": "chat.completion", "created": 1_767_600_000, "model": model,
        "choices": [{"index": 0, "message": message, "finish_reason": reply.finish, "logprobs": None}],
        "usage": {
            "prompt_tokens": reply.tokens_in, "completion_tokens": reply.tokens_out,
            "total_tokens": reply.tokens_in + reply.tokens_out,
        },
    }  # fmt: skip


def _message(reply: Reply, model: str) -> dict[str, Any]:
    stops = {"stop": "end_turn", "length": "max_tokens", "content_filter": "refusal"}
    return {
        "id": "msg_1", "type": "message", "role": "assistant", "model": model,
        "content": [{"type": "text", "text": reply.text}], "stop_reason": stops[reply.finish], "stop_sequence": None,
        "usage": {"input_tokens": reply.tokens_in, "output_tokens": reply.tokens_out},
    }  # fmt: skip


@dataclass(frozen=True)
class RemoteLanguageModel:
    """The double in a process of its own."""

    url: str
    key: str = KEY

    def counts(self) -> dict[str, Any]:
        """{calls, by_document, by_request}; a digest in `by_request` that counts 2 was asked twice, to the letter."""
        with urllib.request.urlopen(f"{self.url}/state", timeout=5) as answer:
            found: dict[str, Any] = json.load(answer)
            return found

    def tell(self, script: Script) -> None:
        content = json.dumps({name: [asdict(one) for one in replies] for name, replies in script.items()}).encode()
        request = urllib.request.Request(f"{self.url}/script", content, {"content-type": "application/json"})
        urllib.request.urlopen(request, timeout=5).close()


@contextmanager
def language_model_process(script: Script | None = None) -> Iterator[RemoteLanguageModel]:
    command = [sys.executable, "-m", "tests.doubles.language_model"]
    process = subprocess.Popen(command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None and process.stdout is not None
    try:
        remote = RemoteLanguageModel(process.stdout.readline().strip())
        remote.tell(script or {})
        yield remote
    finally:
        process.stdin.close()  # it ends when nobody holds the other end, so it outlives no test
        process.wait(timeout=10)
        process.stdout.close()


def _main() -> None:
    double = LanguageModelDouble()
    server = _server(double)
    Thread(target=server.serve_forever, daemon=True).start()
    print(double.url, flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        sys.stdin.read()
    double.going.set()


if __name__ == "__main__":
    _main()
