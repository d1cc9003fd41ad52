"""E-mail without a mail server: each message becomes one `.eml` file in a folder, and stays on this machine."""

from __future__ import annotations

import os
from pathlib import Path

from core.clock import Clock
from core.connectors.plan import Message, Receipt, confirmed, rejected
from core.connectors.transports.mime import NOTHING, Enclosed, as_bytes, message_id, message_name

OUTBOX = "outbox"
"""What a request names to keep a letter on this machine, whatever is connected."""


class Outbox:
    leaves_machine = False
    repeatable = True

    def __init__(self, folder: Path, sender: str, clock: Clock) -> None:
        self.sender = sender
        self._folder, self._clock = folder, clock

    @property
    def account(self) -> str:
        return "the outbox folder on this machine"

    def send(self, message: Message, key: str, enclosed: Enclosed = NOTHING) -> Receipt:
        """Writes the file whole or not at all; a repeat with the same key finds it and writes nothing."""
        path = self._path(key)
        if not path.exists():
            try:
                self._folder.mkdir(parents=True, exist_ok=True)
                _write_once(path, as_bytes(message, key, self._clock.now(), enclosed))
            except OSError as problem:
                return rejected(f"The outbox folder could not be written: {problem.strerror}. No message was made.")
        return self._receipt(message, key)

    def find(self, message: Message, key: str) -> Receipt | None:
        if self._path(key).exists():
            return self._receipt(message, key)
        return rejected("The outbox folder does not hold this message.")

    def close(self) -> None:
        """Nothing is kept open."""

    def _path(self, key: str) -> Path:
        return self._folder / f"{message_name(key)}.eml"

    def _receipt(self, message: Message, key: str) -> Receipt:
        return confirmed(
            "Written to the outbox folder; it has not left this machine.",
            reference=message_id(key, message.sender),
            file=self._path(key).name,
        )


def _write_once(path: Path, content: bytes) -> None:
    """Durable before it is visible: a receipt must never name a file that a power cut can take back."""
    draft = path.with_name(f".{path.stem}.{os.getpid()}.{id(content):x}.part")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        _publish(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _publish(draft: Path, path: Path) -> None:
    try:
        os.link(draft, path)
    except FileExistsError:
        return  # another worker with the same key was first: one key, one message
    except OSError:
        draft.replace(path)  # a file system without hard links (FAT, some network shares)
