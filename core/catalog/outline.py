"""An automated workflow as people look it over before it runs: its steps as a tree, and where it stops for them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from core.catalog.automated import AnyStep, AutomatedWorkflow, Iteration, KindStep
from core.catalog.kinds import find_kinds


@dataclass(frozen=True)
class OutlineStep:
    step_id: str
    heading: str
    kind: str
    """`production`, `iteration`, or a kind of ours."""
    kind_title: str
    scope: str
    description: str = ""
    role: str = ""
    produces: str = ""
    """The name of the document it writes."""
    accepted: bool = False
    """Somebody must accept that document."""
    accepted_by: tuple[str, ...] = ()
    manual: bool = False
    """It waits until a person starts it."""
    each: str = ""
    """For an iteration: the entity that its steps are done for."""
    of: str = ""
    """For an iteration: the document whose items these are."""
    items_at_once: int = 1
    steps: tuple[OutlineStep, ...] = ()

    @property
    def stops(self) -> int:
        """How many times it stops for people, once through; no items multiplied."""
        own = self.manual + self.accepted + (self.kind in PEOPLES)
        return own + sum(step.stops for step in self.steps)

    def below(self) -> Iterator[OutlineStep]:
        """Itself and everything in it."""
        yield self
        for step in self.steps:
            yield from step.below()


PEOPLES = frozenset({"guide", "approval", "vote", "action", "site_pages"})
"""Kinds of step that people do, or must approve."""


def outline(workflow: AutomatedWorkflow) -> tuple[OutlineStep, ...]:
    return tuple(_step(workflow, step) for step in workflow.steps)


def groups(workflow: AutomatedWorkflow) -> tuple[str, ...]:
    """Every group that some document asks to accept it."""
    return tuple(dict.fromkeys(name for one in workflow.document_types.values() for name in one.accepted_by))


def _step(workflow: AutomatedWorkflow, step: AnyStep | Iteration) -> OutlineStep:
    if isinstance(step, Iteration):
        over = step.iterate_over
        return OutlineStep(
            step_id=step.step_id, heading=step.heading, kind="iteration", kind_title="Iteration", scope=step.scope,
            description=step.description, each=workflow.entity_types[over.entity_type].name,
            of=workflow.document_types[over.doc_type].name, items_at_once=step.items_at_once,
            steps=tuple(_step(workflow, inner) for inner in step.steps),
        )  # fmt: skip
    made = workflow.document_types[step.produces] if step.produces is not None else None
    ours = isinstance(step, KindStep)
    kind = step.kind if isinstance(step, KindStep) else "production"
    known = find_kinds().get(kind)
    return OutlineStep(
        step_id=step.step_id, heading=step.heading, kind=kind,
        kind_title=known.title if known else kind.capitalize() if ours else "Document", scope=step.scope,
        description=step.description, role="" if isinstance(step, KindStep) else step.role,
        produces=made.name if made else "", accepted=made.acceptance_required if made else False,
        accepted_by=made.accepted_by if made else (), manual=step.execution_mode == "manual",
    )  # fmt: skip
