"""An automated workflow as its file defines it (`workflow.v1`, `workflow.v2`): scopes, types, and a tree of steps.

Every model keeps fields it does not know, so that a definition written elsewhere survives a round trip.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, StrictBool, StringConstraints, Tag, model_validator
from pydantic_core import PydanticCustomError

Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Text = Annotated[str, StringConstraints(max_length=20_000)]


class _Node(BaseModel):
    model_config = ConfigDict(extra="allow", frozen=True)


class Scope(_Node):
    parent: Name | None
    """None for a root; the key must be there, so that a forgotten parent is no root by chance."""


class DocumentType(_Node):
    name: Name
    scope: Name
    may_own: tuple[Name, ...] = ()
    """Entity types that its items become."""
    collection_field: Name | None = None
    """The field of its content that holds the items."""
    acceptance_required: StrictBool = False
    accepted_by: tuple[Name, ...] = ()
    """Groups of people; only where acceptance is required."""


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


class Production(_Node):
    """One document, written by a language model or a person."""

    step_id: Name
    role: Name
    task_prompt: Name
    produces: Name
    scope: Name
    inputs: tuple[Input, ...] = ()
    execution_mode: Literal["automatic", "manual"] = "automatic"
    """manual: it waits until a person starts it."""


class Iteration(_Node):
    """The same steps for every item of a document's collection."""

    step_id: Name
    iterate_over: IterateOver
    scope: Name
    """The scope of its items."""
    steps: Annotated[tuple[Step, ...], Field(min_length=1)]


def _kind_of(step: Any) -> str | None:
    known = step if isinstance(step, dict) else vars(step) if isinstance(step, BaseModel) else {}
    return "iteration" if "iterate_over" in known else "production" if "produces" in known else None


Step = Annotated[
    Annotated[Production, Tag("production")] | Annotated[Iteration, Tag("iteration")],
    Discriminator(
        _kind_of,
        custom_error_type="UNKNOWN_STEP_KIND",
        custom_error_message="is no step of a known kind",
        custom_error_context={"remedy": "Give it produces (a production) or iterate_over (an iteration)."},
    ),
]


class AutomatedWorkflow(_Node):
    schema_version: Literal["workflow.v1", "workflow.v2"]
    workflow_id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=80)]
    revision: Name
    effective_date: date
    name: Name
    description: Text = ""
    scopes: Annotated[dict[Name, Scope], Field(min_length=1)]
    document_types: dict[Name, DocumentType]
    entity_types: dict[Name, EntityType]
    steps: Annotated[tuple[Step, ...], Field(min_length=1)]
    pow_class: Name | None = None
    derived_from: Any = None
    source_version: Any = None
    tags: tuple[Name, ...] = ()

    def all_steps(self) -> Iterator[tuple[str, Production | Iteration, tuple[Iteration, ...]]]:
        """Each step with its JSON path and the iterations around it, outermost first."""
        yield from _below(self.steps, "$.steps", ())


Iteration.model_rebuild()


def _below(
    steps: tuple[Production | Iteration, ...], path: str, around: tuple[Iteration, ...]
) -> Iterator[tuple[str, Production | Iteration, tuple[Iteration, ...]]]:
    for index, step in enumerate(steps):
        place = f"{path}[{index}]"
        yield place, step, around
        if isinstance(step, Iteration):
            yield from _below(step.steps, f"{place}.steps", (*around, step))
