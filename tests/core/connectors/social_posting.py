"""A network that runs, connected to, and what tests of it need."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import Any, Generic, TypeVar

from PIL import Image

from core.connectors.plan import Plan, Receipt
from core.connectors.protocol import AnyOperation
from core.connectors.registry import Connectors
from core.files.storage import FileStore, FolderStore
from core.settings import Settings
from tests.core.connectors.conftest import ConnectTo
from tests.core.connectors.counterparts.social import RUNNING, Social
from tests.doubles.social_network import SocialNetwork

N = TypeVar("N", bound=SocialNetwork)


class Posting(Generic[N]):
    """One connected network: `plan`, `post`, `verify`."""

    def __init__(self, counterpart: Social, double: N, connectors: Connectors, files: FileStore) -> None:
        self.counterpart, self.double, self.connectors, self.files = counterpart, double, connectors, files

    @property
    def operation(self) -> AnyOperation:
        return self.connectors.operation("social_post")

    def plan(self, text: str = "New cups", **more: Any) -> Plan:
        asked = {"network": self.counterpart.network, "text": text, **more}
        return Plan.from_json(self.connectors.plan("social_post", asked).to_json())

    def post(self, text: str = "New cups", *, key: str = "key", **more: Any) -> Receipt:
        return self.operation.execute(self.plan(text, **more), key)

    def stored(self, data: bytes) -> str:
        name = sha256(data).hexdigest()
        self.files.put(name, data)
        return name


@contextmanager
def posting(network: str, double: type[N], connect_to: ConnectTo, settings: Settings) -> Iterator[Posting[N]]:
    with RUNNING[network]() as counterpart:
        assert isinstance(counterpart.double, double)
        counterpart.seconds = 1.5  # nothing here waits for it, and a busy machine answers late
        files = FolderStore(settings.files_dir)
        yield Posting(counterpart, counterpart.double, connect_to(counterpart), files)


def picture(kind: str = "PNG", size: tuple[int, int] = (6, 4), **saved: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, kind, **saved)
    return out.getvalue()


def shown(plan: Plan) -> dict[str, Any]:
    return {change.field: change.after for change in plan.changes}
