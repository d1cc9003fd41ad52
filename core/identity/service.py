"""Commands on people: set up, sign in and out, profile, roles, tiers."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import delete, func, or_, select, text
from sqlalchemy.orm import Session

from core.actor import SYSTEM, Actor, ActorKind, Role, Tier
from core.audit import service as audit
from core.database.unit_of_work import Database, UnitOfWork
from core.errors import InvalidInput, NotAllowed, NotFound
from core.identity.passwords import hash_password, password_matches
from core.identity.rules import (
    ATTEMPT_WINDOW,
    EmailTaken,
    Goal,
    LastAdmin,
    Market,
    SetupAlreadyDone,
    SignInRefused,
    SkillLevel,
    TooManyAttempts,
    checked_groups,
    checked_line,
    checked_password,
    too_many,
)
from core.identity.tables import BrowserSession, Profile, SignInAttempt, User

_ADMIN_LOCK = 0x41646D696E


@dataclass(frozen=True)
class ProfileForm:
    """What a person says of themselves; countries are ISO 3166-1 alpha-2."""

    goal: Goal
    market: Market
    skill_level: SkillLevel
    country: str


class IdentityService:
    def __init__(self, database: Database, *, session_length: timedelta) -> None:
        self._database = database
        self._session_length = session_length

    # -- accounts -------------------------------------------------------------------------------------------------

    def set_up(self, *, email: str, name: str, password: str) -> Actor:
        """Makes the first admin of a new installation; refuses once there is one (SetupAlreadyDone)."""
        hashed = hash_password(checked_password(password, email=email))
        with self._database.begin() as uow:
            uow.session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADMIN_LOCK})
            if _has_admin(uow.session):
                raise SetupAlreadyDone()
            user = _new_user(uow, email=email, name=name, roles=frozenset(Role), tier=Tier.SCALE, hashed=hashed)
            audit.record(uow, actor_of(user), "installation.set_up", f"user:{user.id}", after=_facts(user))
            return actor_of(user)

    def add_user(
        self, actor: Actor, *, email: str, name: str, password: str, roles: frozenset[Role], tier: Tier
    ) -> UUID:
        actor.must_have(Role.ADMIN, to="add people")
        hashed = hash_password(checked_password(password, email=email))
        with self._database.begin() as uow:
            user = _new_user(uow, email=email, name=name, roles=roles, tier=tier, hashed=hashed)
            audit.record(uow, actor, "user.added", f"user:{user.id}", after=_facts(user))
            return user.id

    def change_user(
        self,
        actor: Actor,
        user_id: UUID,
        *,
        roles: frozenset[Role] | None = None,
        tier: Tier | None = None,
        active: bool | None = None,
        groups: Iterable[str] | None = None,
    ) -> None:
        """Changes what is given; taking the last admin away is refused. Open pages notice at their next click."""
        actor.must_have(Role.ADMIN, to="change people")
        with self._database.begin() as uow:
            uow.session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADMIN_LOCK})
            user = _find(uow.session, user_id)
            before = _facts(user)
            if roles is not None:
                user.roles = sorted(roles)
            if tier is not None:
                user.tier = tier
            if active is not None:
                user.active = active
            if groups is not None:
                user.groups = checked_groups(groups)
            uow.session.flush()
            if not _has_admin(uow.session):
                raise LastAdmin(name=user.name)
            if not user.active:
                uow.session.execute(delete(BrowserSession).where(BrowserSession.user_id == user.id))
            audit.record(uow, actor, "user.changed", f"user:{user.id}", before=before, after=_facts(user))

    def reset_password(self, actor: Actor, user_id: UUID, password: str) -> None:
        """Sets a password (an admin's for anybody, anyone's own) and ends that person's sessions."""
        if actor.user_id != user_id:
            actor.must_have(Role.ADMIN, to="set another person's password")
        with self._database.begin() as uow:
            user = _find(uow.session, user_id)
            user.password_hash = hash_password(checked_password(password, email=user.email))
            uow.session.execute(delete(BrowserSession).where(BrowserSession.user_id == user.id))
            audit.record(uow, actor, "user.password_reset", f"user:{user.id}")

    def change_own_password(self, actor: Actor, *, current: str, new: str) -> None:
        """Sets one's own password after checking the present one; ends all of one's sessions, this one included."""
        if actor.user_id is None or actor.scopes is not None:
            raise NotAllowed(who=actor.name, what="change a password", needs="user, signed in by a browser")
        with self._database.reading() as session:
            hashed = _find(session, actor.user_id).password_hash
        if hashed is not None and not password_matches(current[:1000], hashed):
            raise InvalidInput(field="Present password", problem="it is another one.")
        self.reset_password(actor, actor.user_id, new)

    def save_profile(self, actor: Actor, form: ProfileForm) -> None:
        if actor.user_id is None:
            raise InvalidInput(field="Profile", problem="only a person has one.")
        country = form.country.strip().upper()
        if len(country) != 2 or not country.isascii() or not country.isalpha():
            raise InvalidInput(field="Country", problem="use the two-letter code, for example IN or US.")
        with self._database.begin() as uow:
            found = uow.session.get(Profile, actor.user_id)
            before = _profile_facts(found) if found else None
            profile = found or Profile(user_id=actor.user_id)
            profile.goal, profile.market, profile.skill_level = form.goal, form.market, form.skill_level
            profile.country, profile.updated_at = country, uow.now
            uow.session.add(profile)
            after = _profile_facts(profile)
            audit.record(uow, actor, "profile.saved", f"user:{actor.id}", before=before, after=after)

    # -- browser sessions -----------------------------------------------------------------------------------------

    def sign_in(self, *, email: str, password: str, address: str) -> str:
        """Checks the password and opens a session; answers the cookie's value, which is stored nowhere."""
        with self._database.begin() as uow:
            self._check_rate(uow, email=email, address=address)
        with self._database.reading() as session:
            user = session.scalar(select(User).where(func.lower(User.email) == email.strip().lower(), User.active))
        if not password_matches(password[:1000], user.password_hash if user else None) or user is None:
            with self._database.begin() as uow:
                uow.session.add(SignInAttempt(email=email.strip().lower()[:254], address=address[:64], at=uow.now))
                audit.record(uow, SYSTEM, "session.refused", f"address:{address[:64]}", after={"email": email[:254]})
            raise SignInRefused()
        return self.open_session(actor_of(user))

    def sign_in_with_provider(self, *, subject: str, email: str, name: str) -> str:
        """Opens a session for a person the OpenID provider vouches for; a first visit makes an account with role user."""
        with self._database.begin() as uow:
            user = uow.session.scalar(select(User).where(User.oidc_subject == subject))
            if user is None:
                user = uow.session.scalar(select(User).where(func.lower(User.email) == email.lower()))
                if user is None:
                    user = _new_user(
                        uow, email=email, name=name, roles=frozenset({Role.USER}), tier=Tier.STARTER, hashed=None
                    )
                    audit.record(uow, SYSTEM, "user.added", f"user:{user.id}", after=_facts(user))
                user.oidc_subject = subject
            if not user.active:
                raise SignInRefused()
            actor = actor_of(user)
        return self.open_session(actor)

    def open_session(self, actor: Actor) -> str:
        value = secrets.token_urlsafe(32)
        with self._database.begin() as uow:
            assert actor.user_id is not None
            uow.session.add(
                BrowserSession(
                    token_hash=token_hash(value), user_id=actor.user_id,
                    created_at=uow.now, expires_at=uow.now + self._session_length,
                )
            )  # fmt: skip
            uow.session.execute(delete(BrowserSession).where(BrowserSession.expires_at < uow.now))
            audit.record(uow, actor, "session.opened", f"user:{actor.id}")
        return value

    def sign_out(self, cookie: str) -> None:
        with self._database.begin() as uow:
            row = uow.session.get(BrowserSession, token_hash(cookie))
            if row is not None:
                user = _find(uow.session, row.user_id)
                uow.session.delete(row)
                audit.record(uow, actor_of(user), "session.closed", f"user:{user.id}")

    def _check_rate(self, uow: UnitOfWork, *, email: str, address: str) -> None:
        since = uow.now - ATTEMPT_WINDOW
        uow.session.execute(delete(SignInAttempt).where(SignInAttempt.at < since))
        email = email.strip().lower()
        rows = uow.session.execute(
            select(SignInAttempt.email, SignInAttempt.address).where(
                or_(SignInAttempt.email == email, SignInAttempt.address == address)
            )
        ).all()
        if too_many(sum(r.email == email for r in rows), sum(r.address == address for r in rows)):
            raise TooManyAttempts(minutes=int(ATTEMPT_WINDOW.total_seconds() // 60))


def token_hash(value: str) -> str:
    """Plain SHA-256 is enough for values with 256 random bits; only passwords need a slow hash."""
    return hashlib.sha256(value.encode()).hexdigest()


def actor_of(user: User, scopes: frozenset[str] | None = None) -> Actor:
    return Actor(
        kind=ActorKind.PERSON, id=str(user.id), name=user.name,
        roles=frozenset(Role(role) for role in user.roles), tier=user.tier, scopes=scopes,
    )  # fmt: skip


def _new_user(
    uow: UnitOfWork, *, email: str, name: str, roles: frozenset[Role], tier: Tier, hashed: str | None
) -> User:
    try:
        address = validate_email(email.strip(), check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError as problem:
        raise InvalidInput(field="E-mail", problem=str(problem)) from None
    name = checked_line("Name", name, 120)
    if uow.session.scalar(select(User.id).where(func.lower(User.email) == address.lower())):
        raise EmailTaken(email=address)
    user = User(
        email=address, name=name, password_hash=hashed, roles=sorted(roles), tier=tier,
        active=True, sample=False, created_at=uow.now,
    )  # fmt: skip
    uow.session.add(user)
    uow.session.flush()
    return user


def _find(session: Session, user_id: UUID) -> User:
    user = session.get(User, user_id)
    if user is None:
        raise NotFound(kind="person", id=user_id)
    return user


def _has_admin(session: Session) -> bool:
    query = select(User.id).where(User.active, User.roles.contains([Role.ADMIN.value]), ~User.sample).limit(1)
    return session.scalar(query) is not None


def _facts(user: User) -> dict[str, object]:
    return {
        "email": user.email, "name": user.name, "roles": user.roles, "tier": user.tier, "active": user.active,
        "groups": user.groups,
    }  # fmt: skip


def _profile_facts(profile: Profile) -> dict[str, object]:
    return {
        "goal": profile.goal, "market": profile.market,
        "skill_level": profile.skill_level, "country": profile.country,
    }  # fmt: skip
