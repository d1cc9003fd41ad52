"""How fast each channel may go: read from the environment, refused when unclear, and given to the engine's queues."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from core.engine.queues import CHANNEL_KINDS, QueueName, Rate, kind_of, queue_of, queue_specs
from core.settings import DEFAULT_RATES, Settings


def test_rates_of_the_environment_replace_only_those_they_name(monkeypatch: pytest.MonkeyPatch) -> None:
    assert dict(Settings(_env_file=None).channel_rates) == DEFAULT_RATES
    monkeypatch.setenv("CHANNEL_RATES", "email=600/60, social=5/0.5")
    assert Settings(_env_file=None).channel_rates == {**DEFAULT_RATES, "email": (600, 60.0), "social": (5, 0.5)}


@pytest.mark.parametrize(
    "said", ["email", "email=0/60", "email=5/0", "fax=1/1", "email=-1/5", "email=1/60;x", "email=1e9/1"]
)
def test_rate_that_is_unclear_is_refused(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    monkeypatch.setenv("CHANNEL_RATES", said)
    with pytest.raises(ValidationError, match="is no rate"):
        Settings(_env_file=None)


def test_every_kind_of_channel_has_a_queue_and_a_rate() -> None:
    assert set(DEFAULT_RATES) == CHANNEL_KINDS
    assert {queue_of(kind) for kind in CHANNEL_KINDS} == set(QueueName) - {
        QueueName.ACTIONS,
        QueueName.RUNS,
        QueueName.JOBS,
        QueueName.IMPORTS,
        QueueName.PACKAGES,
        QueueName.SITES,
    }
    assert (kind_of("linkedin"), kind_of("email"), kind_of("project")) == ("social", "email", "other")
    specs = {spec.name: spec for spec in queue_specs(concurrency=8, poll_seconds=0.08, rates={"email": Rate(1, 2.0)})}
    assert specs[QueueName.EMAIL].rate == Rate(1, 2.0) and specs[QueueName.SOCIAL].rate is None
    assert specs[QueueName.EMAIL].poll_seconds >= 0.5  # six idle queues must not cost what one busy one does
