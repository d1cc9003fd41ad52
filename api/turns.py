"""How many requests of one person or agent are answered at once, so that whoever's are slow leaves threads to the others.

A plan asks an outside system, and one that hangs holds a thread for as long as its connection may wait.
"""

from __future__ import annotations

from weakref import WeakValueDictionary

import anyio
from starlette.types import ASGIApp, Receive, Scope, Send

from api.problems import problem_response

AT_ONCE = 32
"""Of the 40 threads that AnyIO gives a process for what is not asynchronous; counted over all tokens of an owner."""
PATIENCE_SECONDS = 20.0


class Turns:
    """ASGI middleware below `Callers`. Event streams hold no thread, and their places are counted elsewhere."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._of: WeakValueDictionary[str, anyio.Semaphore] = WeakValueDictionary()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        actor = scope.get("state", {}).get("actor")
        if actor is None or scope["path"].endswith("/events"):
            await self._app(scope, receive, send)
            return
        turns = self._of.get(actor.key)
        if turns is None:
            turns = self._of[actor.key] = anyio.Semaphore(AT_ONCE)
        with anyio.move_on_after(PATIENCE_SECONDS) as waiting:
            await turns.acquire()
        if not waiting.cancelled_caught:
            try:
                await self._app(scope, receive, send)
            finally:
                turns.release()
            return
        said = (
            f"{AT_ONCE} of your requests are being answered, and none ended for {PATIENCE_SECONDS:.0f} s. "
            "Send fewer at once, then send the same again; nothing was changed."
        )
        await problem_response(429, said, code="TooManyAtOnce", headers={"Retry-After": "5"})(scope, receive, send)
