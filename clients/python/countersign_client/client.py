"""The client: every operation, and waiting for what people decide."""

from __future__ import annotations

import time
from uuid import UUID

from countersign_client import models
from countersign_client.operations import Operations

_OPEN = frozenset({"pending", "approved", "executing"})


class Countersign(Operations):
    """Use it as a context manager, or call `close`. Safe to share between threads."""

    def wait_for_action(self, action_id: UUID | str, *, seconds: float, every: float = 2.0) -> models.ActionDetail:
        """The action once it is over, or as it stands after `seconds`: look at its `status`.

        Over is: executed, failed, unknown, rejected or expired. What waits for people may wait for days.
        """
        until = time.monotonic() + seconds
        while True:
            action = self.read_action(action_id)
            left = until - time.monotonic()
            if action["status"] not in _OPEN or left <= 0:
                return action
            time.sleep(min(every, left))
