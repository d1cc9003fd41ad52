"""An instruction of an agent becomes a run that people are asked about, or a question back; nothing is started here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from core.actions.rules import must_propose
from core.actions.service import ActionService
from core.actor import Actor, ActorKind
from core.agents.authority import named_agent
from core.agents.interpreting import Choice, Interpreter
from core.agents.offers import Offer, offers
from core.agents.rules import (
    MOST_CONTEXT,
    MOST_MESSAGE,
    NothingFits,
    NothingNamed,
    NotUnderstood,
    SpeaksForItself,
    named_in,
)  # fmt: skip
from core.audit import service as audit
from core.canonical import canonical_json
from core.catalog.queries import CatalogQueries
from core.catalog.starting import input_problems, start_fields
from core.database.unit_of_work import Database
from core.errors import CountersignError, InvalidInput
from core.executions.starting import must_be_entitled
from core.identifiers import new_id
from core.language_models.model import ModelRefused, ModelUnavailable
from core.text import turns

_KEPT = 2_000
"""Letters of a message that the audit keeps; the card has all of it."""


@dataclass(frozen=True)
class Instruction:
    """What was asked, as it came."""

    message: str
    agent_id: str | None = None
    workflow: str | None = None
    """Named outright, by its id."""
    inputs: Mapping[str, Any] = field(default_factory=dict)
    person: str | None = None
    """E-mail address of whom the run is for."""
    context: Mapping[str, Any] = field(default_factory=dict)
    """Whatever else may help to understand the message."""


@dataclass(frozen=True)
class Missing:
    """An input that is needed, or does not fit."""

    name: str
    title: str
    description: str
    problem: str
    schema: Mapping[str, Any]


@dataclass(frozen=True)
class AskedBack:
    """A question to whoever asked: which workflow, or what with."""

    question: str
    workflow: str | None = None
    missing: tuple[Missing, ...] = ()
    choices: tuple[tuple[str, str], ...] = ()
    """(id, title) of the workflows that were named."""


@dataclass(frozen=True)
class Understood:
    """What would be proposed."""

    params: Mapping[str, Any]
    title: str
    workflow: str
    how: str
    """In a sentence, for the people who decide."""


class ChatService:
    def __init__(
        self, database: Database, catalog: CatalogQueries, actions: ActionService, interpreter: Interpreter
    ) -> None:
        self._database, self._catalog, self._actions, self._interpreter = database, catalog, actions, interpreter

    def understand(self, actor: Actor, asked: Instruction) -> Understood | AskedBack:
        """Finds workflow and inputs, with the language model where the message names none; refusals stay on record."""
        must_propose(actor)
        try:
            found = self._understand(actor, asked)
        except CountersignError as refusal:
            self._record(actor, "chat.refused", asked, {"code": refusal.code})
            raise
        if isinstance(found, AskedBack):
            missing = [one.name for one in found.missing]
            self._record(actor, "chat.asked_back", asked, {"workflow": found.workflow, "missing": missing})
        return found

    def propose(
        self, actor: Actor, asked: Instruction, understood: Understood, *, action_id: UUID | None = None
    ) -> UUID:
        """Puts the run on a card with the message as it was written. People decide, whatever may run by rule."""
        card = self._actions.propose(
            actor, "start_workflow", understood.params, title=understood.title, body=asked.message,
            rationale=understood.how, action_id=action_id, people_decide=True,
        )  # fmt: skip
        self._record(actor, "chat.proposed", asked, {"workflow": understood.workflow, "action": str(card)})
        return card

    def _understand(self, actor: Actor, asked: Instruction) -> Understood | AskedBack:
        _must_be_readable(asked)
        agent = self._agent(actor, asked.agent_id)
        known = self._offers(actor)
        offer, how = _named(known, asked)
        if isinstance(offer, AskedBack):
            return offer
        inputs = dict(asked.inputs)
        if (
            (offer is None or _problems(offer, inputs))
            and self._interpreter.model() is not None
            and asked.message.strip()
        ):
            choice = self._chosen(offer, known, asked)
            if choice is not None:
                offer, inputs = choice.offer, {**choice.inputs, **inputs}
                how = f"Understood by {choice.model}, which may be wrong: read the inputs. {choice.why}".strip()
        if offer is None:
            raise NothingNamed()
        missing = _problems(offer, inputs)
        if missing:
            names = ", ".join(one.title for one in missing)
            return AskedBack(f"“{offer.title}” needs more to start, or in another form: {names}.", offer.id, missing)
        params = {"workflow": offer.id, "inputs": inputs, "person": asked.person, "agent": agent}
        return Understood(params, f"Start “{offer.title}”"[:200], offer.id, how)

    def _chosen(self, offer: Offer | None, known: Mapping[str, Offer], asked: Instruction) -> Choice | None:
        """What the model understood. Where the workflow is named, it need not: what is missing is asked back then."""
        try:
            return self._interpreter.choose([offer] if offer else list(known.values()), asked.message, asked.context)
        except (NotUnderstood, NothingFits, ModelUnavailable, ModelRefused):
            if offer is None:
                raise
            return None

    def _agent(self, actor: Actor, agent_id: str | None) -> str | None:
        """An agent speaks for itself; a person who may propose says on which agent the run is booked."""
        if actor.kind is ActorKind.AGENT:
            if agent_id not in (None, actor.id):
                raise SpeaksForItself(who=actor.name, other=agent_id)
            return actor.id
        if agent_id is None:
            return None
        with self._database.reading() as session:
            return named_agent(session, agent_id)[0]

    def _offers(self, actor: Actor) -> dict[str, Offer]:
        found = {}
        for one in offers(self._catalog.current()):
            try:
                must_be_entitled(actor, one.definition)
            except CountersignError:
                continue
            found[one.id] = one
        return found

    def _record(self, actor: Actor, event: str, asked: Instruction, more: Mapping[str, Any]) -> None:
        after = {"message": asked.message[:_KEPT], "agent": asked.agent_id, "asked_for": asked.workflow, **more}
        with self._database.begin() as uow:
            audit.record(uow, actor, event, f"chat:{more.get('action') or new_id()}", after=after)


def _named(known: Mapping[str, Offer], asked: Instruction) -> tuple[Offer | AskedBack | None, str]:
    """The workflow that is named outright or in the message, and how that was seen."""
    if asked.workflow is not None:
        offer = known.get(asked.workflow)
        if offer is None:
            problem = f"there is no workflow “{asked.workflow}” that you may start."
            raise InvalidInput(field="workflow_type_id", problem=problem)
        return offer, "The workflow was named outright."
    names = named_in(asked.message, {one.id: one.title for one in known.values()})
    if len(names) > 1:
        choices = tuple((one, known[one].title) for one in names)
        listed = ", ".join(f"“{title}”" for _, title in choices)
        return AskedBack(f"The message names several workflows: {listed}. Which one?", choices=choices), ""
    return (known[names[0]] if names else None), "The message names the workflow."


def _problems(offer: Offer, inputs: Mapping[str, Any]) -> tuple[Missing, ...]:
    if not offer.definition.is_automated:
        return ()
    workflow = offer.definition.automated
    found, fields = input_problems(workflow, inputs), {one.name: one for one in start_fields(workflow)}
    properties = offer.schema.get("properties", {})
    return tuple(
        Missing(name, fields[name].title, fields[name].asked.description, problem, properties.get(name, {}))
        for name, problem in found.items()
    )


def _must_be_readable(asked: Instruction) -> None:
    if len(asked.message) > MOST_MESSAGE or turns(asked.message):
        problem = f"use at most {MOST_MESSAGE:,} characters, none of which turns the direction of text."
        raise InvalidInput(field="message", problem=problem)
    if not asked.message.strip() and asked.workflow is None:
        raise InvalidInput(field="message", problem="say what is to be started, or name a workflow_type_id.")
    if len(canonical_json(dict(asked.context))) > MOST_CONTEXT:
        raise InvalidInput(field="context", problem=f"use at most {MOST_CONTEXT:,} characters in all.")
