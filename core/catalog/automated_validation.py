"""Finding everything that is wrong with an automated workflow: its shape first, then its scopes, then all the rest.

What is wrong with the shape or with the scopes is told alone, because everything after it would only be an echo.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

from core.catalog.automated import IMPORTED, AnyStep, AutomatedWorkflow, Input, Iteration, KindStep, Production
from core.catalog.inputs import InputType, is_empty, misfit
from core.catalog.json_schemas import schema_problems
from core.catalog.kinds import AnyStepKind, find_kinds
from core.catalog.problems import TOO_NESTED, Problem, child, explained, is_too_nested, unstorable, wrong_type
from core.catalog.scopes import ScopeTree
from core.catalog.starting import given_documents
from core.identity.rules import MOST_GROUP, group_name

MOST_STEPS, MOST_DEPTH = 1_000, 64


@dataclass(frozen=True)
class CheckedAutomated:
    workflow: AutomatedWorkflow | None
    """None where any problem is an error."""
    problems: tuple[Problem, ...]


def check_automated(
    document: Any,
    prompts: Collection[str] | None = None,
    *,
    base: str = "$",
    kinds: Mapping[str, AnyStepKind] | None = None,
    official: bool = False,
) -> CheckedAutomated:
    """Checks one definition as read from JSON, which stands at `base` in its file.

    `prompts` are the names of roles and tasks this installation has; a missing one is a warning. Only an official one,
    which this version brings along, may have a dot in its id.
    """
    if not isinstance(document, dict):
        return CheckedAutomated(None, (wrong_type(base, "an object", "Write one definition in { }."),))
    if is_too_nested(document):
        return CheckedAutomated(None, (TOO_NESTED,))
    found = [*unstorable(document, base), *_too_deep(document.get("steps"), base)]
    if found:
        return CheckedAutomated(None, tuple(found))
    try:
        workflow = AutomatedWorkflow.model_validate(document, context={IMPORTED: not official})
    except ValidationError as refused:
        problems = (explained(one, document, base) for one in refused.errors(include_url=False))
        return CheckedAutomated(None, tuple(dict.fromkeys(problems)))
    kinds = find_kinds() if kinds is None else kinds
    found = [problem for path, step, _ in workflow.all_steps(base) for problem in _kind_problems(path, step, kinds)]
    if found:
        return CheckedAutomated(None, tuple(found))
    tree = ScopeTree({name: scope.parent for name, scope in workflow.scopes.items()})
    found = list(tree.problems(child(base, "scopes")))
    if not found:
        inputs_key = "inputs" if "inputs" in document else "required_inputs"
        found = list(_Meaning(workflow, tree, base, kinds).problems(prompts, inputs_key))
    wrong = any(one.severity == "error" for one in found)
    return CheckedAutomated(None if wrong else workflow, tuple(found))


def _kind_problems(path: str, step: AnyStep | Iteration, kinds: Mapping[str, AnyStepKind]) -> Iterator[Problem]:
    """Whether the kind is known and its own fields have their shape."""
    if not isinstance(step, KindStep):
        return
    kind = kinds.get(step.kind)
    if kind is None:
        known = ", ".join(kinds) or "none is installed"
        yield Problem(
            "UNKNOWN_STEP_KIND", f"{path}.kind", f"is no kind of step: {step.kind!r}", f"Use one of: {known}."
        )
        return
    try:
        kind.read(step)
    except ValidationError as refused:
        extra = step.model_extra or {}
        yield from dict.fromkeys(explained(one, extra, path) for one in refused.errors(include_url=False))


def _misspelt(path: str, step: KindStep, kind: AnyStepKind) -> Iterator[Problem]:
    """A field that is kept and means nothing, where one with nearly that name would: `group` for `groups`."""
    known = [*kind.fields.model_fields, *KindStep.model_fields]
    for name in step.model_extra or {}:
        near = get_close_matches(name, known, 1, 0.8) if name not in known else []
        if near:
            yield Problem(
                "UNKNOWN_FIELD", child(path, name), f"is no field of a step of the kind {step.kind!r}, and does nothing",
                f"Did you mean {near[0]}?", severity="warning",
            )  # fmt: skip


class _Meaning:
    """What only shows when the parts are held against each other."""

    def __init__(
        self, workflow: AutomatedWorkflow, tree: ScopeTree, base: str, kinds: Mapping[str, AnyStepKind]
    ) -> None:
        self._workflow, self._tree, self._base, self._kinds = workflow, tree, base, kinds

    def problems(self, prompts: Collection[str] | None, inputs_key: str) -> Iterator[Problem]:
        yield from self._fields(inputs_key)
        yield from self._types()
        seen: dict[str, str] = {}
        for path, step, around in self._workflow.all_steps(self._base):
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
                continue
            yield from self._step(path, step, around)
            if isinstance(step, KindStep):
                kind = self._kinds[step.kind]
                yield from kind.problems(step, kind.read(step), path, self._workflow)
                yield from _misspelt(path, step, kind)
            elif prompts is not None:
                yield from _missing_prompts(path, step, prompts)

    def _fields(self, key: str) -> Iterator[Problem]:
        """The inputs of a run: options where one chooses, and a default that one could have given."""
        for name, asked in self._workflow.inputs.items():
            path = child(f"{self._base}.{key}", name)
            if asked.type is InputType.CHOICE and not asked.options:
                yield Problem("MISSING_OPTIONS", f"{path}.options", "is missing for a choice", "List the options.")
            elif not is_empty(asked.default) and (wrong := misfit(asked, asked.default)):
                yield Problem("BAD_DEFAULT", f"{path}.default", "does not fit its own field", wrong)

    def _types(self) -> Iterator[Problem]:
        given = given_documents(self._workflow)
        for name, document in self._workflow.document_types.items():
            path = child(f"{self._base}.document_types", name)
            if document.acceptance_required and name in given:
                yield Problem(
                    "GIVEN_NOT_ACCEPTED", f"{path}.acceptance_required", "asks for what is given at the start: it counts at once",
                    "Let a step write it, or put an approval of it before what uses it.", severity="warning",
                )  # fmt: skip
            if document.json_schema is not None:
                yield from schema_problems(document.json_schema, f"{path}.json_schema")
            if document.scope not in self._tree:
                yield self._unknown_scope(f"{path}.scope", document.scope)
            for index, owned in enumerate(document.may_own):
                if owned not in self._workflow.entity_types:
                    yield _unknown_entity(f"{path}.may_own[{index}]", owned)
            for index, group in enumerate(document.accepted_by):
                if not 1 <= len(group_name(group)) <= MOST_GROUP:
                    remedy = f"Give it 1 to {MOST_GROUP} visible characters."
                    yield Problem("BAD_VALUE", f"{path}.accepted_by[{index}]", "is no name of a group", remedy)
            if document.accepted_by and not document.acceptance_required:
                yield Problem(
                    "ACCEPTANCE_NOT_REQUIRED", f"{path}.accepted_by", "names who accepts what nobody has to accept",
                    "Set acceptance_required to true, or leave accepted_by out.",
                )  # fmt: skip
        for name, entity in self._workflow.entity_types.items():
            path = child(f"{self._base}.entity_types", name)
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

    def _step(self, path: str, step: AnyStep, around: tuple[Iteration, ...]) -> Iterator[Problem]:
        made = self._workflow.document_types.get(step.produces) if step.produces is not None else None
        if step.produces is not None and made is None:
            yield _unknown_document(f"{path}.produces", step.produces)
        elif made is not None and made.scope != step.scope and made.scope in self._tree and step.scope in self._tree:
            yield Problem(
                "SCOPE_MISMATCH", f"{path}.scope", f"is {step.scope!r}, but {step.produces!r} lives in {made.scope!r}",
                f"Write {made.scope!r}, or produce another document.",
            )  # fmt: skip
        inside = not around or step.scope not in self._tree or around[-1].scope in self._tree.chain(step.scope)
        if made is not None and not inside:
            yield Problem(
                "OUTSIDE_ITS_ITERATION", f"{path}.scope",
                f"is {step.scope!r}, outside of {around[-1].scope!r}: each item writes the same document anew",
                "Move the step out of the iteration if that is not meant.", severity="warning",
            )  # fmt: skip
        for index, asked in enumerate(step.inputs):
            yield from self._input(f"{path}.inputs[{index}]", step, asked, around)

    def _input(self, path: str, step: AnyStep, asked: Input, around: tuple[Iteration, ...]) -> Iterator[Problem]:
        known = asked.doc_type in self._workflow.document_types
        if asked.doc_type is not None and not known:
            problem = f"is no document type: {asked.doc_type!r}"
            yield Problem("INVALID_REFERENCE", f"{path}.doc_type", problem, "Name one of document_types.")
        if asked.entity_type is not None and asked.entity_type not in self._workflow.entity_types:
            problem = f"is no entity type: {asked.entity_type!r}"
            yield Problem("INVALID_REFERENCE", f"{path}.entity_type", problem, "Name one of entity_types.")
        lives = self._workflow.document_types[asked.doc_type or ""].scope if known else asked.scope
        if lives != asked.scope and lives in self._tree and asked.scope in self._tree:
            yield Problem(
                "SCOPE_MISMATCH", f"{path}.scope", f"is {asked.scope!r}, but {asked.doc_type!r} lives in {lives!r}",
                f"Write {lives!r}; it is looked for there.", severity="warning",
            )  # fmt: skip
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

    def _reach(self, path: str, step: AnyStep, asked: Input) -> Iterator[Problem]:
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


def _missing_prompts(path: str, step: Production, prompts: Collection[str]) -> Iterator[Problem]:
    for code, field, name in (
        ("ROLE_NOT_FOUND", "role", step.role),
        ("PROMPT_NOT_FOUND", "task_prompt", step.task_prompt),
    ):
        if name not in prompts:
            yield Problem(
                code, f"{path}.{field}", f"names {name!r}, which is not here",
                "A default is made from the role, the task and the inputs; it can be edited.", severity="warning",
            )  # fmt: skip


def _unknown_document(path: str, name: str) -> Problem:
    return Problem("UNKNOWN_DOCUMENT_TYPE", path, f"is no document type: {name!r}", "Add it to document_types.")


def _unknown_entity(path: str, name: str) -> Problem:
    return Problem("UNKNOWN_ENTITY_TYPE", path, f"is no entity type: {name!r}", "Add it to entity_types.")


def _no_source(path: str, problem: str) -> Problem:
    remedy = "Iterate over a document type that owns the entity type in its collection_field."
    return Problem("MISSING_ITERATION_SOURCE", path, problem, remedy)


def _too_deep(steps: Any, base: str) -> Iterator[Problem]:
    """Counted before anything recurses over it."""
    level, count, depth = steps if isinstance(steps, list) else [], 0, 1
    while level:
        count += len(level)
        if depth > MOST_DEPTH or count > MOST_STEPS:
            problem = f"has more than {MOST_STEPS:,} steps, or more than {MOST_DEPTH} levels"
            yield Problem("TOO_MANY_STEPS", f"{base}.steps", problem, "Split the workflow.")
            return
        nested = (one.get("steps") for one in level if isinstance(one, dict))
        level, depth = [step for part in nested if isinstance(part, list) for step in part], depth + 1
