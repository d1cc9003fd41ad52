"""What a report on a period is asked for, and the figures that more than one of its parts tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from core.analytics.bottlenecks import Bottlenecks
from core.analytics.breakdowns import Dimension, Group
from core.analytics.figures import Bucket, Savings, Summary, TrendPoint
from core.analytics.filters import NONE, SEES_ALL_RUNS, Filters
from core.analytics.outliers import Measure, Outliers
from core.analytics.queries import AnalyticsQueries
from core.analytics.rules import SMALL_N, Dataset
from core.deliverables.gathering.telling import Telling
from core.deliverables.source import Reading
from core.deliverables.words import Words
from core.errors import NotFound
from core.identity.rules import Market, SkillLevel

MOST_DAYS = 3_660
_BY_DAY, _BY_WEEK = 31, 190
"""A line has at most about thirty points: more are no trend that anybody reads."""

_Key = Annotated[str, Field(min_length=1, max_length=80)]


class PeriodParams(BaseModel):
    """Both days are in it; days are UTC days, the same for every reader. What narrows it holds together."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    first: date
    last: date
    dataset: Literal["own", "sample"] = "own"
    workflow_id: _Key | None = None
    agent_id: _Key | None = None
    council_id: _Key | None = None
    market: Market | None = None
    skill_level: SkillLevel | None = None
    compare: bool = True
    """Holds the figures against the period of equal length just before."""

    @model_validator(mode="after")
    def _in_order(self) -> PeriodParams:
        if self.last < self.first:
            raise ValueError("the last day is before the first")
        if (self.last - self.first).days >= MOST_DAYS or not 2000 <= self.first.year <= self.last.year < 2200:
            raise ValueError(f"a period has at most {MOST_DAYS} days, from the year 2000 on")
        return self

    @property
    def filters(self) -> Filters:
        return Filters(
            Dataset.SAMPLE if self.dataset == "sample" else Dataset.REAL, _midnight(self.first),
            _midnight(self.last + timedelta(days=1)), self.workflow_id, self.agent_id, self.council_id,
            self.market.value if self.market else None, self.skill_level.value if self.skill_level else None,
        )  # fmt: skip

    @property
    def narrowed(self) -> dict[str, str]:
        """What narrows it besides the days, by name."""
        asked = self.model_dump(mode="json", include={"workflow_id", "agent_id", "council_id", "market", "skill_level"})
        return {name: value for name, value in asked.items() if value is not None}


@dataclass(frozen=True)
class Asked:
    """One reading of one period. Everything that costs a query is asked once, when a part first tells it."""

    reading: Reading
    params: PeriodParams

    @property
    def words(self) -> Words:
        return self.reading.words

    @cached_property
    def telling(self) -> Telling:
        return Telling(self.reading.words)

    @cached_property
    def analytics(self) -> AnalyticsQueries:
        return AnalyticsQueries(self.reading.database)

    @property
    def filters(self) -> Filters:
        return self.params.filters

    @cached_property
    def before(self) -> Filters | None:
        """The period before, where it is asked for and had runs enough to be held against."""
        before = self.filters.before() if self.params.compare else None
        return before if before is not None and self.analytics.summary(before).runs >= SMALL_N else None

    @cached_property
    def summary(self) -> Summary:
        return self.analytics.summary(self.filters)

    @cached_property
    def summary_before(self) -> Summary | None:
        return self.analytics.summary(self.before) if self.before else None

    @cached_property
    def savings(self) -> Savings:
        return self.analytics.savings(self.filters)

    @cached_property
    def savings_before(self) -> Savings | None:
        return self.analytics.savings(self.before) if self.before else None

    @cached_property
    def workflows(self) -> Sequence[Group]:
        return self.analytics.groups(self.filters, Dimension.WORKFLOW)

    @cached_property
    def bottlenecks(self) -> Bottlenecks:
        return self.analytics.bottlenecks(self.filters)

    @cached_property
    def outliers(self) -> Outliers:
        return self.analytics.outliers(self.filters, Measure.DURATION)

    @cached_property
    def trend(self) -> Sequence[TrendPoint]:
        return self.analytics.trend(self.filters, self.bucket)

    @property
    def bucket(self) -> Bucket:
        days = (self.params.last - self.params.first).days + 1
        return Bucket.DAY if days <= _BY_DAY else Bucket.WEEK if days <= _BY_WEEK else Bucket.MONTH

    @property
    def period(self) -> str:
        return self.words.days(self.params.first, self.params.last)

    @cached_property
    def main_currency(self) -> str | None:
        """The one that most completed runs are counted in."""
        return self.savings.estimated[0].unit if self.savings.estimated else None

    @cached_property
    def step_titles(self) -> dict[tuple[str, int], str]:
        return {(one.workflow_id, one.number): one.title for one in self.bottlenecks.steps}

    def step(self, workflow_id: str, number: int) -> str:
        title = self.step_titles.get((workflow_id, number), "")
        return f"{number}. {title}" if title else self.words.say("Step {number}", number=number)

    def bucket_name(self, point: TrendPoint) -> str:
        return self.words.month(point.start) if self.bucket is Bucket.MONTH else self.words.short_day(point.start)

    @property
    def has_part_buckets(self) -> bool:
        """Whether the first or the last bucket reaches out of the period."""
        if self.bucket is Bucket.DAY:
            return False
        first, after = self.params.first, self.params.last + timedelta(days=1)
        if self.bucket is Bucket.WEEK:
            return first.weekday() != 0 or after.weekday() != 0
        return first.day != 1 or after.day != 1

    @property
    def bucket_heading(self) -> str:
        say = self.words.say
        return {Bucket.DAY: say("Day"), Bucket.WEEK: say("Week from"), Bucket.MONTH: say("Month")}[self.bucket]

    def narrowed_to(self) -> str:
        """What the report is narrowed to, by the names people use; empty for everything."""
        params = self.params
        named = (
            (Dimension.WORKFLOW, params.workflow_id), (Dimension.AGENT, params.agent_id),
            (Dimension.COUNCIL, params.council_id),
        )  # fmt: skip
        found = [self._name(dimension, key) for dimension, key in named if key is not None]
        if segment := [one.value for one in (params.market, params.skill_level) if one is not None]:
            found.append(self.telling.segment(*segment))
        return " · ".join(found)

    def _name(self, dimension: Dimension, key: str) -> str:
        if key == NONE and dimension is not Dimension.WORKFLOW:
            return self.words.say("No agent") if dimension is Dimension.AGENT else self.words.say("No council")
        name = self.analytics.names(dimension).get(key)
        if name is None:
            raise NotFound(kind=dimension.value, id=key)
        return name


def asked(reading: Reading, params: PeriodParams) -> Asked:
    """NotAllowed for whoever may not see the Analytics page: its figures are of everybody's runs."""
    reading.reader.must_have(*SEES_ALL_RUNS, to="see the figures of a period")
    return Asked(reading, params)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
