"""How far a guided run is and what its clock has counted, as pure values: every move gives the next value."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from core.executions.rules import NoSuchStep, NotOnLastStep, StepNotReached, TimerKind

_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True)
class Progress:
    """`current` is the step on screen; `done` only grows. Steps 1 to `done` are finished, the next one is active."""

    total: int
    current: int = 1
    done: int = 0

    @property
    def furthest(self) -> int:
        """The last step that is open."""
        return min(self.done + 1, self.total)

    @property
    def on_last_step(self) -> bool:
        """Whether *Complete* is open: on the last step with all before it done, or with all of them done."""
        return self.done == self.total or (self.current == self.total and self.done == self.total - 1)

    def shown(self, number: int) -> Progress:
        """Another step on screen, to read or to go on; nothing becomes done or undone by it."""
        self.check(number)
        if number > self.furthest:
            raise StepNotReached(number=number, before=number - 1)
        return replace(self, current=number)

    def finished(self, number: int) -> Progress:
        """Step `number` done and the next on screen. Again for a step already done: only the screen moves."""
        self.check(number)
        if number > self.furthest:
            raise StepNotReached(number=number, before=number - 1)
        return replace(self, done=max(self.done, number), current=min(number + 1, self.total))

    def reached(self, done: int) -> Progress:
        """At least `done` steps finished; fewer than before changes nothing, because reports can arrive late."""
        if not 0 <= done <= self.total:
            raise NoSuchStep(number=done, total=self.total)
        return self if done <= self.done else replace(self, done=done, current=min(done + 1, self.total))

    def completed(self) -> Progress:
        if not self.on_last_step:
            raise NotOnLastStep(current=self.current, total=self.total)
        return replace(self, done=self.total)

    def check(self, number: int) -> None:
        """Refuses a number that is no step's."""
        if not 1 <= number <= self.total:
            raise NoSuchStep(number=number, total=self.total)


@dataclass(frozen=True)
class Timer:
    """A clock that is read, never ticked: what it counts (None: stopped), since when, and the sums so far."""

    kind: TimerKind | None
    since: datetime | None
    work_ms: int = 0
    wait_ms: int = 0
    ai_ms: int = 0

    @property
    def elapsed_ms(self) -> int:
        return self.work_ms + self.wait_ms + self.ai_ms

    def read(self, now: datetime) -> Timer:
        """The sums as of `now`. A clock set back counts nothing rather than less."""
        if self.kind is None or self.since is None:
            return self
        passed = max(0, (now - self.since) // _MILLISECOND)
        return replace(
            self,
            # Whole milliseconds are moved; the rest stays in `since`, so that reading often loses nothing.
            since=self.since + passed * _MILLISECOND,
            work_ms=self.work_ms + (passed if self.kind is TimerKind.WORK else 0),
            wait_ms=self.wait_ms + (passed if self.kind is TimerKind.WAIT else 0),
            ai_ms=self.ai_ms + (passed if self.kind is TimerKind.AI else 0),
        )

    def turned(self, kind: TimerKind | None, now: datetime) -> Timer:
        """Counting `kind` from `now` on; None stops it for good."""
        reading = self.read(now)
        return replace(reading, kind=kind, since=None if kind is None else reading.since or now)
