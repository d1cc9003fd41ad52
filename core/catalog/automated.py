"""An automated workflow as its file defines it (`workflow.v1`, `workflow.v2`): scopes, types, and a tree of steps.

Every model keeps fields it does not know, so that a definition written elsewhere survives a round trip. Where a list
or a text is left out, null says the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    StrictBool,
    StrictInt,
    StringConstraints,
    Tag,
    ValidationInfo,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError, PydanticKnownError

from core.actor import Tier
from core.catalog.inputs import Described, RunInput
from core.catalog.workflow import Title, Workflow, lowered

Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Heading = Annotated[str, BeforeValidator(lambda given: "" if given is None else given), Field(max_length=200)]
Names = Annotated[tuple[Name, ...], BeforeValidator(lambda given: () if given is None else given)]
MOST_AT_ONCE = 100


def _dated(given: Any) -> Any:
    """The day; a time of day that stands with it is left out."""
    try:
        return given if isinstance(given, date) else datetime.fromisoformat(given).date()
    except (TypeError, ValueError):
        raise PydanticCustomError("WRONG_TYPE", "is no date", {"remedy": "Write it as YYYY-MM-DD."}) from None


def _spelled(given: Any) -> Any:
    """A revision is a name; some write it as a number."""
    return str(given) if isinstance(given, (int, float)) and not isinstance(given, bool) else given


IMPORTED = "imported"
"""In the context of a validation: the definition was written elsewhere."""
_ID = r"^[a-z][a-z0-9_]*$"
_OFFICIAL_ID = r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?$"


def _not_official(name: str, info: ValidationInfo) -> str:
    """A dot is for the workflows that this version brings along, so that nothing imported passes for one."""
    if "." in name and (info.context or {}).get(IMPORTED):
        raise PydanticKnownError("string_pattern_mismatch", {"pattern": _ID})
    return name


WorkflowId = Annotated[
    str, StringConstraints(pattern=_OFFICIAL_ID, max_length=80), AfterValidator(_not_official),
    WithJsonSchema({"type": "string", "pattern": _ID, "maxLength": 80}),
]  # fmt: skip


class _Node(BaseModel):
    model_config = ConfigDict(extra="allow", frozen=True)


class Scope(_Node):
    parent: Name | None
    """None for a root; the key must be there, so that a forgotten parent is no root by chance."""


class DocumentType(_Node):
    name: Name
    scope: Name
    description: Described = ""
    may_own: Names = ()
    """Entity types that its items become."""
    collection_field: Name | None = None
    """The field of its content that holds the items."""
    acceptance_required: StrictBool = False
    accepted_by: Names = ()
    """Groups of people; only where acceptance is required."""
    on_rejection: Literal["fail", "revise"] = "fail"
    """What a rejection does to the run: ends it, or sends the document back with the comment."""
    json_schema: dict[str, Any] | None = None
    """What its content fits: draft 2020-12, complete in itself."""


class EntityType(_Node):
    name: Name
    parent_doc_type: Name | None = None
    creates_scope: Name | None = None


class Input(_Node):
    """Exactly one of `doc_type` and `entity_type`."""

    doc_type: Name | None = None
    entity_type: Name | None = None
    scope: Name
    required: StrictBool = True
    context: StrictBool = False
    """For an entity: the item of the iteration one is in."""

    @model_validator(mode="after")
    def _one_kind(self) -> Input:
        if (self.doc_type is None) == (self.entity_type is None):
            raise PydanticCustomError(
                "AMBIGUOUS_INPUT", "names a document type and an entity type, or neither",
                {"remedy": "Name exactly one of doc_type and entity_type."},
            )  # fmt: skip
        return self


class IterateOver(_Node):
    doc_type: Name
    collection_field: Name
    entity_type: Name


Inputs = Annotated[tuple[Input, ...], BeforeValidator(lambda given: () if given is None else given)]
Mode = Literal["automatic", "manual"]


class _Step(_Node):
    step_id: Name
    title: Heading = ""
    description: Described = ""

    @property
    def heading(self) -> str:
        """What people call it."""
        return self.title or self.step_id.replace("_", " ").capitalize()


class Production(_Step):
    """One document, written by a language model or a person."""

    role: Name
    task_prompt: Name
    produces: Name
    scope: Name
    inputs: Inputs = ()
    execution_mode: Mode = "automatic"
    """manual: it waits until a person starts it."""


class KindStep(_Step):
    """A step of a kind of ours (core/catalog/kinds.py); the kind's own fields are kept as extra ones."""

    kind: Name
    scope: Name
    inputs: Inputs = ()
    produces: Name | None = None
    execution_mode: Mode = "automatic"


class Iteration(_Step):
    """The same steps for every item of a document's collection."""

    iterate_over: IterateOver
    scope: Name
    """The scope of its items."""
    execution_mode: Mode = "automatic"
    """manual: it waits until a person starts it, once for all its items."""
    items_at_once: Annotated[StrictInt, Field(ge=1, le=MOST_AT_ONCE)] = 1
    """How many items are worked on at the same time; 1: one after the other."""
    on_item_failure: Literal["stop", "continue"] = "stop"
    """Whether a failed item ends the iteration, or the others go on and it fails at the end."""
    steps: Annotated[tuple[Step, ...], Field(min_length=1)]


def _kind_of(step: Any) -> str | None:
    known = step if isinstance(step, dict) else vars(step) if isinstance(step, BaseModel) else {}
    if "iterate_over" in known:
        return "step:iteration"
    kind = known.get("kind")
    # What is written elsewhere may call something of its own "kind" where it names a role and a task.
    if {"role", "task_prompt", "produces"} <= known.keys() or (kind is None and "produces" in known):
        return "step:production"
    if kind in ("production", "iteration"):
        return f"step:{kind}"
    return "step:kind" if kind is not None else None


AnyStep = Production | KindStep
"""What is done; an iteration only repeats."""
Step = Annotated[
    Annotated[Production, Tag("step:production")]
    | Annotated[Iteration, Tag("step:iteration")]
    | Annotated[KindStep, Tag("step:kind")],
    Discriminator(
        _kind_of,
        custom_error_type="UNKNOWN_STEP_KIND",
        custom_error_message="is no step of a known kind",
        custom_error_context={"remedy": "Give it produces (a production), iterate_over (an iteration) or a kind."},
    ),
]


class AutomatedWorkflow(Workflow):
    model_config = ConfigDict(serialize_by_alias=True)

    schema_version: Literal["workflow.v1", "workflow.v2"]
    workflow_id: WorkflowId
    revision: Annotated[Name, BeforeValidator(_spelled)]
    effective_date: Annotated[date, BeforeValidator(_dated)]
    title: Title = Field(alias="name")
    description: Described = ""
    tier: Annotated[Tier, BeforeValidator(lowered)] = Tier.STARTER
    inputs: dict[Name, RunInput] = Field(
        default_factory=dict, max_length=100, validation_alias=AliasChoices("inputs", "required_inputs")
    )
    """What a run is started with; see core/catalog/starting.py for the whole form."""
    scopes: Annotated[dict[Name, Scope], Field(min_length=1)]
    document_types: dict[Name, DocumentType]
    entity_types: dict[Name, EntityType]
    steps: Annotated[tuple[Step, ...], Field(min_length=1)]
    pow_class: Any = None
    derived_from: Any = None
    source_version: Any = None
    tags: Annotated[tuple[Any, ...], BeforeValidator(lambda given: () if given is None else given)] = ()

    def all_steps(self, base: str = "$") -> Iterator[tuple[str, AnyStep | Iteration, tuple[Iteration, ...]]]:
        """Each step with its JSON path and the iterations around it, outermost first."""
        yield from _below(self.steps, f"{base}.steps", ())

    @property
    def total_steps(self) -> int:
        """How many steps do something, as the definition stands; items multiply them when it runs."""
        return sum(not isinstance(step, Iteration) for _, step, _ in self.all_steps())


Iteration.model_rebuild()


def _below(
    steps: tuple[AnyStep | Iteration, ...], path: str, around: tuple[Iteration, ...]
) -> Iterator[tuple[str, AnyStep | Iteration, tuple[Iteration, ...]]]:
    for index, step in enumerate(steps):
        place = f"{path}[{index}]"
        yield place, step, around
        if isinstance(step, Iteration):
            yield from _below(step.steps, f"{place}.steps", (*around, step))
