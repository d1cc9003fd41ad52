"""E-mail: one operation, sent through a mail server or SMTP2GO, or written to the outbox folder where none is set."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol, cast

from core.connectors.plan import Change, Effect, Message, Plan, Receipt, deferred, rejected
from core.connectors.protocol import AnySystem, ConnectorContext, Operation
from core.connectors.registry import Connectors
from core.connectors.transports.clients import Clients, Connection
from core.connectors.transports.connected import ConnectedOperation
from core.connectors.transports.email_params import EmailParams
from core.connectors.transports.enclosures import Enclosures
from core.connectors.transports.html_reading import says_the_same
from core.connectors.transports.mail_systems import FAMILY, Smtp2goSystem, SmtpSystem, server_of, smtp2go_of
from core.connectors.transports.mime import NOTHING, Enclosed, message_id
from core.connectors.transports.outbox import OUTBOX, Outbox
from core.connectors.transports.smtp import Smtp
from core.errors import CountersignError
from core.files.storage import FileStoreUnavailable

_HTML_DIFFERS = "The HTML version may say something else than the text, and most recipients see the HTML: read it too"


class Road(Protocol):
    """A way out for letters."""

    leaves_machine: bool
    repeatable: bool
    sender: str

    @property
    def account(self) -> str: ...

    def send(self, message: Message, key: str, enclosed: Enclosed = NOTHING) -> Receipt: ...

    def find(self, message: Message, key: str) -> Receipt | None: ...

    def close(self) -> None: ...


class MailRoads(Clients[Road]):
    """The roads that accounts are, and the outbox folder: by its name, or where there is no account at all."""

    def __init__(self, context: ConnectorContext) -> None:
        settings, clock = context.settings, context.clock
        timeout = settings.call_timeout_seconds
        super().__init__(
            context,
            FAMILY,
            {
                SmtpSystem.name: lambda account: Smtp(server_of(account, timeout), account.sender, clock),
                Smtp2goSystem.name: lambda account: smtp2go_of(account, timeout),
            },
        )
        self.outbox: Road = Outbox(settings.outbox_dir, settings.email_from, clock)

    def named(self, name: str | None) -> Connection[Road]:
        if name == OUTBOX:
            return Connection(OUTBOX, self.outbox)
        return super().named(name) or Connection(None, self.outbox)


class EmailSend(ConnectedOperation[EmailParams, Road]):
    name = "email_send"
    title = "Send an e-mail"
    channel = "email"
    families = ("email",)
    effect = Effect.IRREVERSIBLE
    params = EmailParams
    system_title = "E-mail"
    repeatable = False

    def __init__(self, roads: MailRoads, enclosures: Enclosures) -> None:
        super().__init__(roads)
        self.roads, self._enclosures = roads, enclosures

    def repeatable_for(self, plan: Plan) -> bool:
        """The outbox folder holds one file a key; whatever leaves the machine may arrive twice."""
        return not plan.leaves_machine

    def _identity(self, client: Road) -> str:
        return client.account

    def _plan(self, client: Road | None, params: EmailParams) -> Plan:
        assert client is not None  # there is always the outbox folder
        first, others = params.to[0], len(params.to) - 1
        to = first if not others else f"{first} and {others} other{'s' if others > 1 else ''}"
        return Plan(
            operation=self.name,
            account=client.account,
            summary=f"Send “{params.subject}” to {to}",
            request=params.model_dump(mode="json"),
            changes=tuple(self._carries(params)),
            message=Message(client.sender, tuple(params.to), params.subject, params.body, params.html),
            leaves_machine=client.leaves_machine,
            reversible=False,
            warnings=(_HTML_DIFFERS,) if params.html and not says_the_same(params.html, params.body) else (),
        )

    def _carries(self, params: EmailParams) -> Iterable[Change]:
        """What a person must see beside the words."""
        if params.reply_to:
            yield Change("reply_to", "Answers to", None, params.reply_to)
        if params.unsubscribe:
            yield Change("unsubscribe", "To leave the list", None, params.unsubscribe)
        for number, words in enumerate(self._enclosures.described(params.attachments), start=1):
            yield Change(f"attachments.{number}", f"Attachment {number}", None, words)

    def _moved(self, client: Road, plan: Plan) -> Iterable[Change]:
        """The sender is part of what was approved."""
        sender = plan.message.sender if plan.message else None
        if sender != client.sender:
            yield Change("sender", "From", sender, client.sender)

    def _execute(self, client: Road, plan: Plan, key: str) -> Receipt:
        if plan.message is None:
            return rejected("The plan holds no message. Nothing was sent.")
        if plan.message.sender != client.sender:  # changed between the last look and now
            return rejected("The sender is another one than was approved. Nothing was sent.")
        request = plan.request
        try:
            attachments = self._enclosures.taken(plan)
        except FileStoreUnavailable as problem:
            return deferred(f"The attachments cannot be read now: {problem.facts['problem']} Nothing was sent.")
        except CountersignError as problem:
            return rejected(f"{problem} Nothing was sent.")
        enclosed = Enclosed(request.get("reply_to"), request.get("unsubscribe"), attachments)
        return client.send(plan.message, key, enclosed)

    def _verify(self, client: Road, plan: Plan, key: str) -> Receipt | None:
        return client.find(plan.message, key) if plan.message is not None else None

    def where_to_look(self, plan: Plan, key: str) -> str:
        sender = plan.message.sender if plan.message else ""
        name = message_id(key, sender)
        return f"Look for the Message-ID {name} in the log of the mail server ({plan.account}), or ask a recipient."


def systems() -> Iterable[AnySystem]:
    return SmtpSystem(), Smtp2goSystem()


def operations(context: ConnectorContext) -> Iterable[Operation[Any]]:
    yield EmailSend(MailRoads(context), Enclosures(context.files))


def mail_roads(connectors: Connectors) -> MailRoads:
    """The roads that letters take, for what is sent without a card: digests."""
    return cast(EmailSend, connectors.operation(EmailSend.name)).roads
