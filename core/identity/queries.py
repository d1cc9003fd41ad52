"""Who a cookie or token belongs to, and lists of people for the pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Select, bindparam, func, or_, select, update

from core.actor import Actor, ActorKind, Role
from core.database.unit_of_work import Database
from core.errors import NotFound
from core.identity.rules import AGENT_SCOPES
from core.identity.service import actor_of, token_hash
from core.identity.tables import Agent as Agent
from core.identity.tables import ApiToken as ApiToken
from core.identity.tables import BrowserSession, Profile
from core.identity.tables import User as User

_TOUCH_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class PersonRow:
    user: User
    profile: Profile | None


@dataclass(frozen=True)
class TokenRow:
    token: ApiToken
    owner: str
    """The name of the person or agent it acts as."""


class IdentityQueries:
    def __init__(self, database: Database) -> None:
        self._database = database

    def is_set_up(self) -> bool:
        """Whether this installation has its admin."""
        with self._database.reading() as session:
            found = select(User.id).where(User.roles.contains([Role.ADMIN.value]), ~User.sample).limit(1)
            return session.scalar(found) is not None

    def actor_of_session(self, cookie: str | None) -> Actor | None:
        """The person behind a session cookie, with the roles they have right now; None if it opens nothing."""
        if not cookie:
            return None
        query = (
            select(User)
            .join(BrowserSession, BrowserSession.user_id == User.id)
            .where(
                BrowserSession.token_hash == token_hash(cookie),
                BrowserSession.expires_at > self._database.clock.now(),
                User.active,
            )
        )
        with self._database.reading() as session:
            user = session.scalar(query)
        return actor_of(user) if user else None

    def actor_of_token(self, value: str, address: str | None = None) -> Actor | None:
        """The person or agent behind a bearer token; None if unknown, expired or revoked.

        Now and then its use is noted, and from which address, in a transaction of its own.
        """
        now = self._database.clock.now()
        with self._database.asking() as connection:
            row = connection.execute(_TOKEN, {"hash": token_hash(value), "now": now}).first()
        if row is None:
            return None
        if row.last_used_at is None or now - row.last_used_at > _TOUCH_EVERY:
            with self._database.begin() as uow:
                used = {"last_used_at": now, "last_used_from": address[:64] if address else None}
                uow.session.execute(update(ApiToken).where(ApiToken.id == row.id).values(used))
        scopes = frozenset(row.scopes)
        if row.user_id is not None:
            roles = frozenset(Role(role) for role in row.roles)
            return Actor(
                kind=ActorKind.PERSON,
                id=str(row.user_id),
                name=row.user_name,
                roles=roles,
                tier=row.tier,
                scopes=scopes,
            )
        return Actor(kind=ActorKind.AGENT, id=row.agent_id, name=row.agent_name, scopes=scopes & AGENT_SCOPES)

    def profile(self, user_id: UUID) -> Profile | None:
        with self._database.reading() as session:
            return session.get(Profile, user_id)

    def person(self, user_id: UUID) -> User | None:
        with self._database.reading() as session:
            return session.get(User, user_id)

    def people(
        self, *, text: str = "", sample: bool | None = None, offset: int = 0, limit: int = 50
    ) -> tuple[Sequence[PersonRow], int]:
        """One page of people by name, and how many there are in all."""
        query = select(User, Profile).outerjoin(Profile, Profile.user_id == User.id)
        if text:
            query = query.where(
                or_(User.name.icontains(text, autoescape=True), User.email.icontains(text, autoescape=True))
            )
        if sample is not None:
            query = query.where(User.sample == sample)
        with self._database.reading() as session:
            total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
            rows = session.execute(query.order_by(User.sample, User.name, User.id).offset(offset).limit(limit)).all()
        return [PersonRow(user, profile) for user, profile in rows], total

    def groups(self) -> Sequence[str]:
        """Every group that somebody is in."""
        with self._database.reading() as session:
            return sorted(session.scalars(select(func.unnest(User.groups)).distinct()))

    def agents(self) -> Sequence[Agent]:
        with self._database.reading() as session:
            return session.scalars(select(Agent).order_by(Agent.name)).all()

    def tokens(self, actor: Actor) -> Sequence[ApiToken]:
        """The actor's own tokens; for an admin, the agents' too."""
        query = select(ApiToken).order_by(ApiToken.created_at.desc())
        mine = ApiToken.user_id == actor.user_id
        query = query.where(or_(mine, ApiToken.agent_id.is_not(None)) if actor.has(Role.ADMIN) else mine)
        with self._database.reading() as session:
            return session.scalars(query).all()

    def token_page(
        self, actor: Actor, *, agents: bool = False, everybody: bool = False, offset: int = 0, limit: int = 50
    ) -> tuple[Sequence[TokenRow], int]:
        """One page of tokens, made last first, and how many there are: one's own, or for admins those asked for."""
        if agents or everybody:
            actor.must_have(Role.ADMIN, to="see the tokens of others")
            query = _tokens() if everybody else _tokens().where(ApiToken.agent_id.is_not(None))
        else:
            query = _tokens().where(ApiToken.user_id == actor.user_id)
        with self._database.reading() as session:
            total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
            latest = query.order_by(ApiToken.created_at.desc(), ApiToken.id.desc())
            rows = session.execute(latest.offset(offset).limit(limit)).all()
        return [TokenRow(token, owner) for token, owner in rows], total

    def token(self, actor: Actor, token_id: UUID) -> TokenRow:
        """One's own, or for admins any; else NotFound."""
        query = _tokens().where(ApiToken.id == token_id)
        if not actor.has(Role.ADMIN):
            query = query.where(ApiToken.user_id == actor.user_id)
        with self._database.reading() as session:
            row = session.execute(query).first()
        if row is None:
            raise NotFound(kind="token", id=token_id)
        return TokenRow(row[0], row[1])


# Asked with every call over the API, so made once, and of these columns only. Nothing of it is kept from call to call:
# a token that is revoked, or whose owner lost a role, stops at once.
_TOKEN = (
    select(
        ApiToken.id, ApiToken.scopes, ApiToken.last_used_at, User.id.label("user_id"), User.name.label("user_name"),
        User.roles, User.tier, Agent.id.label("agent_id"), Agent.name.label("agent_name"),
    )
    .outerjoin(User, ApiToken.user_id == User.id)
    .outerjoin(Agent, ApiToken.agent_id == Agent.id)
    .where(
        ApiToken.token_hash == bindparam("hash"),
        ApiToken.revoked_at.is_(None),
        or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > bindparam("now")),
        or_(User.active, Agent.active),
    )
)  # fmt: skip


def _tokens() -> Select[ApiToken, str]:
    owner = func.coalesce(User.name, Agent.name)
    return (
        select(ApiToken, owner)
        .outerjoin(User, ApiToken.user_id == User.id)
        .outerjoin(Agent, ApiToken.agent_id == Agent.id)
    )
