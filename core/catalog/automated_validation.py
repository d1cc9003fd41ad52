"""Finding everything that is wrong with an automated workflow: its shape first, then its scopes, then all the rest.

What is wrong with the shape or with the scopes is told alone, because everything after it would only be an echo.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from core.catalog.automated import AutomatedWorkflow, Input, Iteration, Production
from core.catalog.problems import Problem, child, explained, unstorable, wrong_type
from core.catalog.scopes import ScopeTree

MOST_STEPS, MOST_DEPTH = 1_000, 20


@dataclass(frozen=True)
class CheckedAutomated:
    workflow: AutomatedWorkflow | None
    """None where any problem is an error."""
    problems: tuple[Problem, ...]


def check_automated(document: Any, prompts: Collection[str] | None = None) -> CheckedAutomated:
    """Checks one definition as read from JSON. `prompts` are the names this installation has; a missing one is a warning."""
    if not isinstance(document, dict):
        return CheckedAutomated(None, (wrong_type("$", "an object", "Write one definition in { }."),))
    found = [*unstorable(document, "$"), *_too_deep(document.get("steps"), 1)]
    if found:
        return CheckedAutomated(None, tuple(found))
    try:
        workflow = AutomatedWorkflow.model_validate(document)
    except ValidationError as refused:
        problems = (explained(one, document, "$") for one in refused.errors(include_url=False))
        return CheckedAutomated(None, tuple(dict.fromkeys(problems)))
    tree = ScopeTree({name: scope.parent for name, scope in workflow.scopes.items()})
    found = list(tree.problems("$.scopes"))
    if not found:
        found = list(_Meaning(workflow, tree).problems(prompts))
    wrong = any(one.severity == "error" for one in found)
    return CheckedAutomated(None if wrong else workflow, tuple(found))


class _Meaning:
    """What only shows when the parts are held against each other."""

    def __init__(self, workflow: AutomatedWorkflow, tree: ScopeTree) -> None:
        self._workflow, self._tree = workflow, tree

    def problems(self, prompts: Collection[str] | None) -> Iterator[Problem]:
        yield from self._types()
        seen: dict[str, str] = {}
        for path, step, around in self._workflow.all_steps():
            first = seen.setdefault(step.step_id, path)
            if first != path:
                yield Problem(
                    "DUPLICATE_STEP", f"{path}.step_id", f"is {step.step_id!r} a second time, after {first}",
                    "Give each step an id of its own.",
                )  # fmt: skip
            if step.scope not in self._tree:
                yield self._unknown_scope(f"{path}.scope", step.scope)
            if isinstance(step, Iteration):
                yield from self._iteration(path, step)
            else:
                yield from self._production(path, step, around, prompts)

    def _types(self) -> Iterator[Problem]:
        for name, document in self._workflow.document_types.items():
            path = child("$.document_types", name)
            if document.scope not in self._tree:
                yield self._unknown_scope(f"{path}.scope", document.scope)
            for index, owned in enumerate(document.may_own):
                if owned not in self._workflow.entity_types:
                    yield _unknown_entity(f"{path}.may_own[{index}]", owned)
            if document.accepted_by and not document.acceptance_required:
                yield Problem(
                    "ACCEPTANCE_NOT_REQUIRED", f"{path}.accepted_by", "names who accepts what nobody has to accept",
                    "Set acceptance_required to true, or leave accepted_by out.",
                )  # fmt: skip
        for name, entity in self._workflow.entity_types.items():
            path = child("$.entity_types", name)
            if entity.creates_scope is not None and entity.creates_scope not in self._tree:
                yield self._unknown_scope(f"{path}.creates_scope", entity.creates_scope)
            if entity.parent_doc_type is not None and entity.parent_doc_type not in self._workflow.document_types:
                yield _unknown_document(f"{path}.parent_doc_type", entity.parent_doc_type)

    def _iteration(self, path: str, step: Iteration) -> Iterator[Problem]:
        over, path = step.iterate_over, f"{path}.iterate_over"
        source = self._workflow.document_types.get(over.doc_type)
        entity = self._workflow.entity_types.get(over.entity_type)
        if source is None:
            yield _no_source(f"{path}.doc_type", f"is no document type: {over.doc_type!r}")
        elif source.collection_field != over.collection_field:
            says = f"{source.collection_field!r}" if source.collection_field else "none"
            problem = f"is {over.collection_field!r}, but the collection field of {over.doc_type!r} is {says}"
            yield _no_source(f"{path}.collection_field", problem)
        elif over.entity_type not in source.may_own:
            yield _no_source(f"{path}.entity_type", f"is {over.entity_type!r}, which {over.doc_type!r} may not own")
        if entity is None:
            yield _unknown_entity(f"{path}.entity_type", over.entity_type)
        elif entity.creates_scope is not None and entity.creates_scope != step.scope:
            yield Problem(
                "SCOPE_MISMATCH", path.removesuffix(".iterate_over") + ".scope",
                f"is {step.scope!r}, but items of {over.entity_type!r} open {entity.creates_scope!r}",
                f"Write {entity.creates_scope!r}.",
            )  # fmt: skip

    def _production(
        self, path: str, step: Production, around: tuple[Iteration, ...], prompts: Collection[str] | None
    ) -> Iterator[Problem]:
        made = self._workflow.document_types.get(step.produces)
        if made is None:
            yield _unknown_document(f"{path}.produces", step.produces)
        elif made.scope != step.scope and made.scope in self._tree and step.scope in self._tree:
            yield Problem(
                "SCOPE_MISMATCH", f"{path}.scope", f"is {step.scope!r}, but {step.produces!r} lives in {made.scope!r}",
                f"Write {made.scope!r}, or produce another document.",
            )  # fmt: skip
        if around and step.scope in self._tree and around[-1].scope not in self._tree.chain(step.scope):
            yield Problem(
                "OUTSIDE_ITS_ITERATION", f"{path}.scope",
                f"is {step.scope!r}, outside of {around[-1].scope!r}: each item writes the same document anew",
                "Move the step out of the iteration if that is not meant.", severity="warning",
            )  # fmt: skip
        if prompts is not None and step.task_prompt not in prompts:
            yield Problem(
                "PROMPT_NOT_FOUND", f"{path}.task_prompt", f"names {step.task_prompt!r}, which is not here",
                "A default is made from the role, the task and the inputs; it can be edited.", severity="warning",
            )  # fmt: skip
        for index, asked in enumerate(step.inputs):
            yield from self._input(f"{path}.inputs[{index}]", step, asked, around)

    def _input(self, path: str, step: Production, asked: Input, around: tuple[Iteration, ...]) -> Iterator[Problem]:
        if asked.doc_type is not None and asked.doc_type not in self._workflow.document_types:
            problem = f"is no document type: {asked.doc_type!r}"
            yield Problem("INVALID_REFERENCE", f"{path}.doc_type", problem, "Name one of document_types.")
        if asked.entity_type is not None and asked.entity_type not in self._workflow.entity_types:
            problem = f"is no entity type: {asked.entity_type!r}"
            yield Problem("INVALID_REFERENCE", f"{path}.entity_type", problem, "Name one of entity_types.")
        if asked.scope not in self._tree:
            yield self._unknown_scope(f"{path}.scope", asked.scope)
        elif step.scope in self._tree:
            yield from self._reach(path, step, asked)
        if (
            asked.entity_type
            and asked.context
            and all(one.iterate_over.entity_type != asked.entity_type for one in around)
        ):
            yield Problem(
                "INVALID_REFERENCE", path, f"asks for the {asked.entity_type!r} of an iteration that is not around it",
                "Put the step into that iteration, or leave the input out.",
            )  # fmt: skip

    def _reach(self, path: str, step: Production, asked: Input) -> Iterator[Problem]:
        """An ancestor's scope is in reach; one's own only at the root or as context; nothing else."""
        tree, what = self._tree, asked.doc_type or asked.entity_type
        if tree.is_above(asked.scope, step.scope):
            return
        if asked.scope == step.scope:
            if not asked.context and not tree.is_root(step.scope):
                yield Problem(
                    "FORBIDDEN_SIBLING_REFERENCE", path, f"asks for {what!r} of its own scope {step.scope!r}",
                    "Ask for a document of a scope above, or set context to true for the iteration's own item.",
                )  # fmt: skip
            return
        below = tree.is_above(step.scope, asked.scope)
        where = f"of {asked.scope!r}, which lies {'below' if below else 'beside'} {step.scope!r}"
        code = "FORBIDDEN_DESCENDANT_REFERENCE" if below else "FORBIDDEN_CROSS_BRANCH_REFERENCE"
        yield Problem(code, path, f"asks for {what!r} {where}", "Ask only for what lies in a scope above.")

    def _unknown_scope(self, path: str, scope: str) -> Problem:
        known = ", ".join(sorted(self._workflow.scopes))
        return Problem("UNKNOWN_SCOPE", path, f"is no scope: {scope!r}", f"Use one of {known}.")


def _unknown_document(path: str, name: str) -> Problem:
    return Problem("UNKNOWN_DOCUMENT_TYPE", path, f"is no document type: {name!r}", "Add it to document_types.")


def _unknown_entity(path: str, name: str) -> Problem:
    return Problem("UNKNOWN_ENTITY_TYPE", path, f"is no entity type: {name!r}", "Add it to entity_types.")


def _no_source(path: str, problem: str) -> Problem:
    remedy = "Iterate over a document type that owns the entity type in its collection_field."
    return Problem("MISSING_ITERATION_SOURCE", path, problem, remedy)


def _too_deep(steps: Any, depth: int) -> Iterator[Problem]:
    """Counted before anything recurses over it."""
    level, count = steps if isinstance(steps, list) else [], 0
    while level:
        count += len(level)
        if depth > MOST_DEPTH or count > MOST_STEPS:
            problem = f"has more than {MOST_STEPS:,} steps, or more than {MOST_DEPTH} levels"
            yield Problem("TOO_MANY_STEPS", "$.steps", problem, "Split the workflow.")
            return
        nested = (one.get("steps") for one in level if isinstance(one, dict))
        level, depth = [step for part in nested if isinstance(part, list) for step in part], depth + 1
