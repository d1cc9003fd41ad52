"""A system on loopback that counts: each name may be put there, and nobody stops anybody from putting it twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread


@dataclass
class CountingSystem:
    port: int = 0
    put: Counter[str] = field(default_factory=Counter)
    """By path, for example `/social/post-7`: how often it was put there."""
    down: set[str] = field(default_factory=set)
    """The first parts of paths that are answered 503."""
    lock: Lock = field(default_factory=Lock)


@contextmanager
def running_counting_system() -> Iterator[CountingSystem]:
    system = CountingSystem()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            away = self.path.split("/")[1] in system.down
            if not away:
                with system.lock:
                    system.put[self.path] += 1
            self._answer(503 if away else 201)

        def do_GET(self) -> None:
            self._answer(200 if system.put[self.path] else 404)

        def _answer(self, status: int) -> None:
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """Says nothing: a killed worker hangs up."""

    server = Server(("127.0.0.1", 0), Handler)
    system.port = server.server_port
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield system
    finally:
        server.shutdown()
        thread.join(timeout=5)
        server.server_close()
