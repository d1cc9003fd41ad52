"""Which roles and tasks the workflows that can be started ask for, and what each would be told without a prompt of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pydantic import ValidationError

from core.catalog.automated import AutomatedWorkflow, Production
from core.catalog.queries import Definition
from core.errors import CountersignError
from core.language_models.defaults import DocumentFacts, default_role, default_task
from core.language_models.tables import PromptKind


@dataclass
class Use:
    default: str
    """For a task that several steps share: as the first of them has it."""
    workflows: list[str] = field(default_factory=list)
    """Titles, each once."""


def uses_in(definitions: Iterable[Definition]) -> Mapping[tuple[PromptKind, str], Use]:
    """By kind and name. A definition that cannot be read is passed over: the catalog says what is wrong with it."""
    found: dict[tuple[PromptKind, str], Use] = {}
    for definition in definitions:
        if not definition.is_automated:
            continue
        try:
            workflow = definition.automated
        except (CountersignError, ValidationError):
            continue
        for _, step, _ in workflow.all_steps():
            if isinstance(step, Production):
                role = found.setdefault((PromptKind.ROLE, step.role), Use(default_role(step.role)))
                task = found.setdefault((PromptKind.TASK, step.task_prompt), Use(_default_task(workflow, step)))
                for one in (role, task):
                    if definition.title not in one.workflows:
                        one.workflows.append(definition.title)
    return found


def _default_task(workflow: AutomatedWorkflow, step: Production) -> str:
    document = workflow.document_types[step.produces]
    facts = DocumentFacts(
        document.name, document.json_schema, document.collection_field, document.acceptance_required,
        tuple(document.accepted_by),
    )  # fmt: skip
    names = [_input_name(workflow, one.doc_type, one.entity_type) for one in step.inputs]
    return default_task(step.task_prompt, facts, names)


def _input_name(workflow: AutomatedWorkflow, doc_type: str | None, entity_type: str | None) -> str:
    if doc_type is not None:
        known = workflow.document_types.get(doc_type)
        return known.name if known else doc_type
    item = workflow.entity_types.get(entity_type or "")
    return item.name if item else entity_type or ""
