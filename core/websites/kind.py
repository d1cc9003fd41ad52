"""What a type of website is, and every type there is, found by its place."""

from __future__ import annotations

import json
import pkgutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from core.actor import Tier
from core.catalog.problems import explained
from core.catalog.savings import Savings, calculate, card_on
from core.catalog.workflow import SavingsInputs
from core.identity.rules import Goal, Market, SkillLevel
from core.websites import types
from core.websites.content import Site
from core.websites.inputs import TypeInputs, form_of, input_problems, read_inputs

Said = Annotated[str, StringConstraints(min_length=1, max_length=2_000, strip_whitespace=True)]
Titled = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]


class ManifestUnfit(RuntimeError):
    """A manifest of this version is wrong: the file and every path in it that does not fit."""


class _Plain(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Governance(_Plain):
    review: Annotated[str, StringConstraints(pattern=r"^council$")] = "council"
    rule: Annotated[str, StringConstraints(pattern=r"^simple_majority$")] = "simple_majority"
    """What the type recommends; the council's own policy decides."""
    domains: Annotated[tuple[Titled, ...], Field(min_length=1)]
    """Councils that oversee one of these are asked."""
    criteria: Annotated[tuple[Said, ...], Field(min_length=1)]
    """What reviewers look at, beside the council's own checklist."""


class ExecutionStep(_Plain):
    kind: Titled
    step_id: Titled
    title: Titled
    description: Said


class Criterion(_Plain):
    name: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
    """A check of core/websites/checks."""
    title: Titled
    required: bool = True
    threshold: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    """What the check is judged by, in its unit: less than so many seconds, more than so many points."""


class Output(_Plain):
    title: Titled
    description: Said
    value: Annotated[str, StringConstraints(pattern=r"^[a-z_]+(\[\])?(\.[a-z_0-9]+)*$")]
    """Which field of which document of the run: site_report.address; with [] a list over each item's: social_receipt[].url."""


class Manifest(_Plain):
    """The plain data of a type, as its manifest.json has it."""

    id: Annotated[str, StringConstraints(pattern=r"^(website|content)\.[a-z][a-z0-9_]*$", max_length=80)]
    title: Titled
    description: Said
    domain: Titled
    category: Titled
    version: Annotated[str, StringConstraints(pattern=r"^\d+\.\d+\.\d+$")]
    effective_date: date
    tags: tuple[Titled, ...] = ()
    minutes: Annotated[int, Field(ge=1, le=10_000)]
    tier: Tier = Tier.STARTER
    difficulty: SkillLevel = SkillLevel.BEGINNER
    goals: tuple[Goal, ...] = ()
    markets: tuple[Market, ...] = ()
    calculator: SavingsInputs
    """The rate card that savings of a run are reckoned by."""
    governance: Governance
    execution_steps: Annotated[tuple[ExecutionStep, ...], Field(min_length=1)]
    success_criteria: tuple[Criterion, ...] = ()
    outputs: Mapping[str, Output] = Field(default_factory=dict)


@dataclass(frozen=True)
class Drafted:
    """What a draft needs beside the inputs."""

    on: date
    """The day of the run, for posts."""
    existing: Site | None = None
    """The site that is added to, for types that add to one."""


@dataclass(frozen=True)
class WebsiteType:
    folder: Path
    inputs: type[TypeInputs]
    drafting: Callable[[Any, Drafted], Site] | None
    """None: a type that makes no pages."""
    body: Callable[[WebsiteType], Mapping[str, Any]]
    """Scopes, document types and steps of its definition."""
    adds_to_site: bool = False
    """It adds to a site that is there, named by the input `site`."""

    @cached_property
    def manifest(self) -> Manifest:
        return read_manifest(self.folder / "manifest.json")

    @property
    def id(self) -> str:
        return self.manifest.id

    @property
    def title(self) -> str:
        return self.manifest.title

    def read(self, given: Mapping[str, Any]) -> Any:
        """The inputs as their model, or InputsUnfit."""
        return read_inputs(self.inputs, given)

    def input_problems(self, given: Mapping[str, Any]) -> dict[str, str]:
        """What is wrong with them by the name of the field, as sentences."""
        return input_problems(self.inputs, given)

    def draft(
        self, inputs: Mapping[str, Any] | TypeInputs, *, on: date | None = None, existing: Site | None = None
    ) -> Site:
        """What the site says, by templates: the same inputs and day give the same site."""
        assert self.drafting is not None
        read = inputs if isinstance(inputs, TypeInputs) else self.read(inputs)
        return self.drafting(read, Drafted(on or self.manifest.effective_date, existing))

    @property
    def criteria(self) -> Mapping[str, bool]:
        """Checks by name, with whether they are required."""
        return {one.name: one.required for one in self.manifest.success_criteria}

    @property
    def thresholds(self) -> Mapping[str, float]:
        """Figures by check; each is what verification judges by."""
        return {one.name: one.threshold for one in self.manifest.success_criteria if one.threshold is not None}

    def savings(self) -> Savings:
        card = card_on([self.manifest.calculator.card], date.max)
        assert card is not None
        return calculate(card)

    def definition(self) -> dict[str, Any]:
        """An automated workflow; the catalog names its revision by the digest of all of this."""
        said = self.manifest.model_dump(mode="json")
        return {
            "schema_version": "workflow.v2", "workflow_id": self.id, "revision": self.manifest.version,
            "effective_date": said["effective_date"], "name": self.title, "description": self.manifest.description,
            "tags": said["tags"], "tier": said["tier"], "difficulty": said["difficulty"], "goals": said["goals"],
            "markets": said["markets"], "savings": _without_none(said["calculator"]),
            "domain": said["domain"], "category": said["category"], "estimated_minutes": said["minutes"],
            "governance": said["governance"], "success_criteria": said["success_criteria"], "outputs": said["outputs"],
            "execution_steps": [one["title"] for one in said["execution_steps"]],
            "inputs": form_of(self.inputs), "input_schema": self.inputs.model_json_schema(),
            **self.body(self),
        }  # fmt: skip


def _without_none(told: Mapping[str, Any]) -> dict[str, Any]:
    return {name: one for name, one in told.items() if one is not None}


def read_manifest(path: Path) -> Manifest:
    """ManifestUnfit names the file and every path in it that is wrong."""
    try:
        told = json.loads(path.read_text("utf-8"))
        return Manifest.model_validate(told)
    except ValidationError as refused:
        wrong = (explained(one, told, "$") for one in refused.errors(include_url=False))
        raise ManifestUnfit(f"{path}: {'; '.join(map(str, wrong))}") from None
    except (OSError, ValueError) as problem:
        raise ManifestUnfit(f"{path}: {problem}") from None


@cache
def find_types() -> Mapping[str, WebsiteType]:
    """The `TYPE` of each package of `core.websites.types`, by id."""
    modules = (import_module(one.name) for one in pkgutil.iter_modules(types.__path__, f"{types.__name__}."))
    found: list[WebsiteType] = [module.TYPE for module in modules if hasattr(module, "TYPE")]
    return MappingProxyType({one.id: one for one in sorted(found, key=lambda one: one.id)})


def official_definitions() -> Iterable[Mapping[str, Any]]:
    """What the catalog takes in at start."""
    return [one.definition() for one in find_types().values()]


def named(criteria: Sequence[Criterion]) -> str:
    """As a checklist for reviewers."""
    return "\n".join(f"- {one.title}" for one in criteria)
