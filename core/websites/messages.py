"""What visitors write: kept first, then sent to the site's contact address by a worker, once."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, func, select, text
from sqlalchemy.orm import Session

from core.actor import SYSTEM
from core.audit import service as audit
from core.connectors.email import Road, mail_roads
from core.connectors.plan import AttemptOutcome, Message, Receipt, rejected
from core.connectors.registry import Connectors
from core.connectors.transports.email_params import spelled
from core.connectors.transports.mime import Enclosed
from core.connectors.transports.outbox import OUTBOX
from core.database.lasting import lasting
from core.database.unit_of_work import Database, UnitOfWork
from core.engine.client import EngineClient
from core.engine.queues import QueueName
from core.engine.steps import Steps
from core.errors import CountersignError, NotFound
from core.identifiers import new_id, parse_id
from core.notifications.digest_mail import one_line
from core.notifications.leaving import may_leave
from core.secret import installation_secret
from core.settings import Settings
from core.websites.message_rules import (
    LEAST_SECONDS,
    PER_SITE,
    PER_VISITOR,
    PER_VISITOR_ANYWHERE,
    Written,
    age_of,
    read,
    stamped,
    visitor_of,
)
from core.websites.rules import MessageState
from core.websites.tables import SiteMessageRow, SiteRow

log = structlog.get_logger(__name__)

SEND_SITE_MESSAGE = "send_site_message"
MOST_SENDS = 6
_FIRST_WAIT = 60.0

_STATE_OF = {
    AttemptOutcome.CONFIRMED: MessageState.SENT,
    AttemptOutcome.REJECTED: MessageState.FAILED,
    AttemptOutcome.DEFERRED: MessageState.WAITING,
    AttemptOutcome.UNKNOWN: MessageState.UNKNOWN,
}


class MessageNotTaken(CountersignError):
    """The message was not taken. What has to be put right stands beside its fields; nothing was sent."""

    http_status = 422

    def __init__(self, written: Written, *, stamp: str, said: str) -> None:
        super().__init__()
        self.written, self.stamp, self.said = written, stamp, said


class TooManyMessages(MessageNotTaken):
    """Too many messages came from here in a short time. Wait a few minutes; nothing was sent."""

    http_status = 429


@dataclass(frozen=True)
class Sender:
    """Where the site answers its visitors."""

    site_id: UUID
    name: str
    address: str
    """Of the site, ends with a slash."""
    here: bool
    version_id: UUID


class MessageService:
    def __init__(self, database: Database, engine: EngineClient, connectors: Connectors, settings: Settings) -> None:
        self._database, self._engine = database, engine
        self._connectors, self._settings = connectors, settings

    def site(self, slug: str) -> Sender:
        """The published site whose form this is; NotFound."""
        with self._database.reading() as session:
            row = session.scalar(select(SiteRow).where(SiteRow.slug == slug))
        if row is None or row.live_version_id is None or not row.address:
            raise NotFound(kind="site", id=slug[:60])
        return Sender(row.id, row.name, row.address, row.live_target == "here", row.live_version_id)

    def receive(self, slug: str, form: Mapping[str, str], *, address: str, by_browser: bool = True) -> UUID:
        """Keeps what was sent and lets a worker deliver it; `address` is the sender's, for counting. What does not come
        `by_browser`, as a form is sent, has to be confirmed, with the time that takes.

        Raises MessageNotTaken with what was typed and what is wrong with it, also where a person has to confirm it, and
        TooManyMessages. Nothing is kept of what is not taken.
        """
        site = self.site(slug)
        now, secret = self._database.clock.now(), installation_secret(self._settings)
        written = read(form, _spelled(form.get("email", "")))
        fresh = stamped(secret, str(site.site_id), now, secrets.token_hex(8))
        if written.problems:
            raise MessageNotTaken(written, stamp=fresh, said="not_sent")
        stamp = form.get("stamp", "")
        age = age_of(secret, str(site.site_id), stamp, now) if stamp else None
        doubted = written.suspicious or not by_browser or stamp != ""
        if written.trapped or (doubted and age is None):
            raise MessageNotTaken(replace(written, trapped=False), stamp=fresh, said="confirm")
        if age is not None and age.total_seconds() < LEAST_SECONDS:
            raise MessageNotTaken(written, stamp=stamp, said="too_quick")
        visitor = visitor_of(secret, address)
        used = hashlib.sha256(stamp.encode()).hexdigest() if age is not None else None
        with self._database.reading() as session:  # a flood is turned away without a place in the row below
            if used is None and written.mark is None and _too_many(session, now, site.site_id, visitor):
                raise TooManyMessages(written, stamp=fresh, said="too_many")
        with self._database.begin() as uow:
            uow.session.execute(
                text("SELECT pg_advisory_xact_lock(hashtextextended(:site, 21))"), {"site": str(site.site_id)}
            )
            if used is not None:
                there = uow.session.scalar(select(SiteMessageRow.id).where(SiteMessageRow.stamp == used))
                if there is not None:
                    return there  # sent twice by a second click
            if written.mark is not None and (sent := _test_sent(uow, site.site_id, written.mark)) is not None:
                return sent
            if _too_many(uow.session, uow.now, site.site_id, visitor):
                raise TooManyMessages(written, stamp=fresh, said="too_many")
            return self._keep(uow, site, written, visitor, used)

    def deliver(self, steps: Steps, message_id: str) -> str:
        """Sends one message, unless that has been done or begun; answers its state. Safe to repeat and to interrupt."""
        identity = parse_id(message_id)
        assert identity is not None
        return self.send(identity).value

    def send(self, message_id: UUID) -> MessageState:
        claimed = lasting(lambda: self._claim(message_id))
        if claimed is None:
            return self._state(message_id)
        row, site, to, leaves, repeated = claimed
        road: Road | None = None
        try:
            road = mail_roads(self._connectors).named(None if leaves else OUTBOX).client
            message, enclosed = _letter(row, site, to, road.sender)
            key = f"site-message:{row.id}"
            # A road that repeats finds what it did; of any other nobody knows whether the worker got so far.
            receipt = (
                road.send(message, key, enclosed) if road.repeatable or not repeated else _unknown(road, message, key)
            )
        except CountersignError as problem:  # the connection is switched off, or cannot be read
            receipt = rejected(str(problem))
        except Exception as problem:  # recorded for this message; nothing was handed over that raised
            log.exception("site_message.not_sent", message=str(message_id))
            receipt = rejected(f"It could not be made ({type(problem).__name__}).")
        done = receipt
        return lasting(lambda: self._record(message_id, done, road.account if road else ""))

    def delivered(self, mark: str) -> bool:
        """Whether verification's message with this mark was kept and handed over: to the mail server, or to the outbox
        where nothing may leave this machine."""
        query = select(SiteMessageRow.state).where(SiteMessageRow.mark == mark)
        with self._database.reading() as session:
            return MessageState.SENT in session.scalars(query).all()

    # -- one message ------------------------------------------------------------------------------------------------

    def _keep(self, uow: UnitOfWork, site: Sender, written: Written, visitor: str, used: str | None) -> UUID:
        told = uow.session.scalar(select(SiteRow.contact_email).where(SiteRow.id == site.site_id))
        row = SiteMessageRow(
            id=new_id(), site_id=site.site_id, name=written.name, email=written.email, text=written.text,
            visitor=visitor, is_test=written.mark is not None, mark=written.mark, stamp=used,
            state=MessageState.WAITING if told else MessageState.KEPT, received_at=uow.now,
            words="" if told else "The site names no contact address, so nobody was told.",
        )  # fmt: skip
        uow.session.add(row)
        uow.session.flush()
        if told:
            self._hand_over(uow, row)
        audit.record(
            uow, SYSTEM, "site.message_received", f"site:{site.site_id}", after={"message": row.id, "test": row.is_test}
        )
        return row.id

    def _hand_over(self, uow: UnitOfWork, row: SiteMessageRow, after_seconds: float = 0) -> None:
        self._engine.enqueue(
            uow, QueueName.EMAIL, SEND_SITE_MESSAGE, str(row.id), work_id=f"site_message:{row.id}:{row.sends}",
            after_seconds=after_seconds,
        )  # fmt: skip

    def _claim(self, message_id: UUID) -> tuple[SiteMessageRow, str, str, bool, bool] | None:
        """The message, marked as being sent before it is; None if there is nothing to do."""
        with self._database.begin() as uow:
            row = uow.session.get(SiteMessageRow, message_id, with_for_update=True)
            if row is None or row.state not in (MessageState.WAITING, MessageState.SENDING):
                return None
            site = uow.session.get_one(SiteRow, row.site_id)
            if not site.contact_email:
                row.state, row.words = MessageState.KEPT, "The site names no contact address, so nobody was told."
                return None
            repeated = row.state is MessageState.SENDING
            row.state = MessageState.SENDING
            if not repeated:
                row.sends += 1
            return row, site.name, site.contact_email, may_leave(uow, self._settings, channel="email"), repeated

    def _record(self, message_id: UUID, receipt: Receipt, road: str) -> MessageState:
        with self._database.begin() as uow:
            row = uow.session.get_one(SiteMessageRow, message_id, with_for_update=True)
            if row.state is not MessageState.SENDING:
                return row.state
            state = _STATE_OF[receipt.outcome]
            if state is MessageState.WAITING and row.sends >= MOST_SENDS:
                state = MessageState.FAILED
            row.state, row.road, row.words = state, road[:300], receipt.message[:1000]
            row.reference = receipt.reference[:500] if receipt.reference else None
            if state is MessageState.SENT:
                row.sent_at = uow.now
            if state is MessageState.WAITING:
                self._hand_over(uow, row, receipt.retry_after or _FIRST_WAIT * 2 ** (row.sends - 1))
            else:
                audit.record(
                    uow, SYSTEM, f"site.message_{state.value}", f"site:{row.site_id}",
                    after={"message": row.id, "road": road[:300]},
                )  # fmt: skip
            return state

    def _state(self, message_id: UUID) -> MessageState:
        with self._database.reading() as session:
            found = session.scalar(select(SiteMessageRow.state).where(SiteMessageRow.id == message_id))
        return found or MessageState.FAILED


def _unknown(road: Road, message: Message, key: str) -> Receipt:
    words = "The worker ended while sending. It may have been sent, and was not repeated."
    return road.find(message, key) or Receipt(AttemptOutcome.UNKNOWN, words)


def _letter(row: SiteMessageRow, site: str, to: str, sender: str) -> tuple[Message, Enclosed]:
    """What a stranger typed stands in the body alone, but for their name on one line of the subject."""
    about = "Test of the contact form" if row.is_test else f"Message from {one_line(row.name, 80)}"
    body = f"{row.text}\n\n-- \n{one_line(row.name, 200)} <{row.email}>\nSent with the contact form of {one_line(site, 200)}.\n"
    return Message(sender, (to,), f"{about} · {one_line(site, 80)}", body), Enclosed(reply_to=row.email)


def _test_sent(uow: UnitOfWork, site_id: UUID, mark: str) -> UUID | None:
    """Verification's message that arrived or is on its way: whoever takes a step over sends it no second time."""
    return uow.session.scalar(
        select(SiteMessageRow.id).where(
            SiteMessageRow.mark == mark, SiteMessageRow.site_id == site_id,
            SiteMessageRow.state.in_((MessageState.WAITING, MessageState.SENDING, MessageState.SENT)),
        ).limit(1)
    )  # fmt: skip


def _too_many(session: Session, now: datetime, site_id: UUID, visitor: str) -> bool:
    def sent(within: timedelta, *where: ColumnElement[bool]) -> int:
        query = (
            select(func.count()).select_from(SiteMessageRow).where(SiteMessageRow.received_at > now - within, *where)
        )
        return session.scalar(query) or 0

    here, by = SiteMessageRow.site_id == site_id, SiteMessageRow.visitor == visitor
    return (
        sent(PER_VISITOR[1], here, by) >= PER_VISITOR[0]
        or sent(PER_VISITOR_ANYWHERE[1], by) >= PER_VISITOR_ANYWHERE[0]
        or sent(PER_SITE[1], here) >= PER_SITE[0]
    )


def _spelled(email: str) -> Mapping[str, str]:
    if len(email) > 254:
        return {}
    try:
        return {"email": spelled(email)}
    except ValueError:
        return {}
