"""What waits for somebody's vote, and what somebody may read, as conditions on decisions that an index answers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, and_, bindparam, false, func, or_, select, true
from sqlalchemy.orm import Session

from core.actor import Actor, ActorKind, Role
from core.decisions.electorate import given_to
from core.decisions.rules import DecisionState, Given
from core.decisions.tables import Council, CouncilMember, Decision
from core.identifiers import parse_id
from core.identity.tables import User

# Made once: whoever watches an inbox asks them every few seconds.
_SEATS = select(CouncilMember.council_id).join(Council).where(Council.active)
_SEATS_OF = _SEATS.where(CouncilMember.user_id == bindparam("person"))
_MANNED = _SEATS.join(User, User.id == CouncilMember.user_id).where(User.active).distinct()
_GROUPS_OF = select(User.groups).where(User.id == bindparam("person"))


def waits_for(session: Session, actor: Actor, now: datetime) -> ColumnElement[bool]:
    """A condition on `decisions`: it is open, `actor` may vote on it and has not.

    What `seat_of` says of one decision, said of all of them: by the actor's own words (roles, councils, id) through
    the index on `audience`, or by those of somebody who gave them a seat.
    """
    if actor.kind is not ActorKind.PERSON or (actor.scopes is not None and "decide" not in actor.scopes):
        return false()
    return and_(
        Decision.state == DecisionState.OPEN,
        or_(Decision.deadline.is_(None), Decision.deadline > now),
        _asked(session, actor, now),
        ~Decision.voted.contains([actor.id]),
    )


def _asked(session: Session, actor: Actor, now: datetime) -> ColumnElement[bool]:
    """By a seat of their own or one given to them; looked up once a session, for a page asks it three times."""
    known: ColumnElement[bool] | None = session.info.get((_asked, actor))
    if known is None:
        own = _addressed(_words_of(session, actor.id, (role.value for role in actor.roles)), actor.id)
        lent = [_lent(session, actor, one) for one in given_to(session, actor, now)]
        known = session.info[_asked, actor] = or_(own, *(and_(~own, one) for one in lent))
    return known


def before_a_council() -> ColumnElement[bool]:
    """At least one council must approve it."""
    return func.jsonb_path_exists(Decision.panels, "$[*].council ? (@ != null)").is_(True)


def may_read(session: Session, actor: Actor) -> ColumnElement[bool]:
    """Those who decide and run the installation read every decision; others what they proposed or are asked."""
    if actor.kind in {ActorKind.JOB, ActorKind.SYSTEM} or actor.has(Role.OPERATOR, Role.COUNCIL, Role.ADMIN):
        return true()
    written = Decision.authors.contains([actor.id])
    if actor.user_id is None:
        return written
    return or_(written, _overlaps(_words_of(session, actor.id, (role.value for role in actor.roles))))


def _addressed(words: frozenset[str], person: str) -> ColumnElement[bool]:
    """Asked by one of these words; an author only where that panel does not recuse authors."""
    author = Decision.authors.contains([person])
    return or_(and_(_overlaps(words), ~author), _overlaps(f"author/{word}" for word in words))


def _lent(session: Session, actor: Actor, given: Given) -> ColumnElement[bool]:
    """The seat of `given` is in it and free; neither of the two is an author whom a panel recuses."""
    roles = session.scalar(select(User.roles).where(User.id == parse_id(given.voter))) or []
    words = _words_of(session, given.voter, roles)
    written = or_(Decision.authors.contains([actor.id]), Decision.authors.contains([given.voter]))
    recuses = Decision.panels.contains([{"recusal": True}])
    chosen = [_overlaps(words), ~Decision.voted.contains([given.voter]), ~and_(written, recuses)]
    if given.council is not None:
        chosen.append(~_overlaps(words - {f"council:{given.council}", f"admin/council:{given.council}"}))
    return and_(*chosen)


def _words_of(session: Session, person: str, roles: Iterable[str]) -> frozenset[str]:
    """By which words of an audience this person is meant (`Policy.audience`)."""
    held, asked = frozenset(roles), {"person": parse_id(person)}
    mine = session.scalars(_SEATS_OF, asked)
    groups = session.scalar(_GROUPS_OF, asked) or []
    words = {f"group:{one}" for one in groups}
    words |= {f"user:{person}"} | {f"role:{role}" for role in held} | {f"council:{one}" for one in mine}
    if Role.ADMIN.value in held:
        words |= {f"admin/council:{one}" for one in session.scalars(_MANNED)}
    return frozenset(words)


def _overlaps(words: Iterable[str]) -> ColumnElement[bool]:
    found: ColumnElement[bool] = Decision.audience.overlap(sorted(words))
    return found
