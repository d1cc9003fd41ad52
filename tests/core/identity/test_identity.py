"""Accounts, sessions and tokens: who gets in, who does not, and who may change whom."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from core.actor import Actor, ActorKind, Role, Tier
from core.bootstrap import Application
from core.clock import ManualClock
from core.errors import CountersignError, InvalidInput, NotAllowed, NotFound
from core.identity.rules import (
    ATTEMPTS_PER_EMAIL,
    EmailTaken,
    Goal,
    LastAdmin,
    Market,
    Scope,
    SetupAlreadyDone,
    SignInRefused,
    SkillLevel,
    TooManyAttempts,
)
from core.identity.service import ProfileForm
from tests.conftest import PASSWORD

PROFILE = ProfileForm(Goal.SAVE_TIME, Market.FREELANCER, SkillLevel.BEGINNER, "in")


def test_only_one_of_many_set_ups_makes_the_admin(app: Application) -> None:
    def set_up(number: int) -> bool:
        try:
            app.identity.set_up(email=f"admin{number}@example.com", name="Asha", password=PASSWORD)
        except SetupAlreadyDone:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(set_up, range(6))) == 1
    assert app.identity_queries.people()[1] == 1


@pytest.mark.parametrize("password", ["short", "a" * 201, "asha@example.com", "aaaaaaaaaaaaaaaa", "abcabcabcabcabc"])
def test_password_that_is_easy_to_guess_is_refused(app: Application, password: str) -> None:
    with pytest.raises(InvalidInput, match="Password"):
        app.identity.set_up(email="asha@example.com", name="Asha", password=password)
    assert not app.identity_queries.is_set_up()


def test_session_opens_ends_and_expires(app: Application, admin: Actor, clock: ManualClock) -> None:
    cookie = app.identity.sign_in(email=" Asha@Example.com ", password=PASSWORD, address="1.2.3.4")
    assert app.identity_queries.actor_of_session(cookie) == admin
    with app.database.reading() as session:
        kept = session.execute(text("SELECT token_hash FROM browser_sessions")).scalars().all()
    assert cookie not in kept

    app.identity.sign_out(cookie)
    assert app.identity_queries.actor_of_session(cookie) is None

    later = app.identity.sign_in(email="asha@example.com", password=PASSWORD, address="1.2.3.4")
    clock.advance(timedelta(hours=app.settings.session_hours, seconds=1))
    assert app.identity_queries.actor_of_session(later) is None
    assert app.identity_queries.actor_of_session("made up") is None
    assert app.identity_queries.actor_of_session(None) is None


def test_too_many_wrong_passwords_wait_even_for_the_right_one(
    app: Application, admin: Actor, clock: ManualClock
) -> None:
    for _ in range(ATTEMPTS_PER_EMAIL):
        with pytest.raises(SignInRefused):
            app.identity.sign_in(email="asha@example.com", password="wrong password here", address="1.2.3.4")

    with pytest.raises(TooManyAttempts):
        app.identity.sign_in(email="ASHA@example.com", password=PASSWORD, address="5.6.7.8")
    clock.advance(timedelta(minutes=16))
    assert app.identity.sign_in(email="asha@example.com", password=PASSWORD, address="1.2.3.4")


def test_unknown_person_is_refused_with_the_same_words(app: Application, admin: Actor) -> None:
    with pytest.raises(SignInRefused) as unknown:
        app.identity.sign_in(email="nobody@example.com", password=PASSWORD, address="1.2.3.4")
    with pytest.raises(SignInRefused) as wrong:
        app.identity.sign_in(email="asha@example.com", password="x" * 20, address="1.2.3.4")
    assert str(unknown.value) == str(wrong.value)


def test_deactivated_person_is_out_at_once(app: Application, admin: Actor, person: Callable[..., Actor]) -> None:
    ravi = person(Role.USER)
    assert ravi.user_id is not None
    user = app.identity_queries.person(ravi.user_id)
    assert user is not None
    cookie = app.identity.sign_in(email=user.email, password=PASSWORD, address="1.2.3.4")

    app.identity.change_user(admin, ravi.user_id, active=False)

    assert app.identity_queries.actor_of_session(cookie) is None
    with pytest.raises(SignInRefused):
        app.identity.sign_in(email=user.email, password=PASSWORD, address="1.2.3.4")


def test_changed_role_holds_in_an_open_session(app: Application, admin: Actor, person: Callable[..., Actor]) -> None:
    ravi = person(Role.USER)
    assert ravi.user_id is not None
    cookie = app.identity.open_session(ravi)

    app.identity.change_user(admin, ravi.user_id, roles=frozenset({Role.OPERATOR}), tier=Tier.PRO)

    seen = app.identity_queries.actor_of_session(cookie)
    assert seen is not None
    assert (seen.roles, seen.tier) == (frozenset({Role.OPERATOR}), Tier.PRO)


def test_two_admins_cannot_take_each_other_away_at_once(
    app: Application, admin: Actor, person: Callable[..., Actor]
) -> None:
    other = person(Role.ADMIN)

    def take_away(pair: tuple[Actor, Actor]) -> bool:
        try:
            assert pair[1].user_id is not None
            app.identity.change_user(pair[0], pair[1].user_id, roles=frozenset({Role.USER}))
        except LastAdmin:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(take_away, [(admin, other), (other, admin)])) == [False, True]
    assert app.identity_queries.is_set_up()


def test_new_password_ends_every_session(app: Application, admin: Actor, person: Callable[..., Actor]) -> None:
    ravi, meera = person(Role.USER), person(Role.USER)
    assert ravi.user_id is not None
    cookie = app.identity.open_session(ravi)

    with pytest.raises(NotAllowed):
        app.identity.reset_password(meera, ravi.user_id, "another long password")
    app.identity.reset_password(ravi, ravi.user_id, "another long password")

    assert app.identity_queries.actor_of_session(cookie) is None


def test_only_admins_change_people_and_tokens_of_agents(app: Application, person: Callable[..., Actor]) -> None:
    everyone_else = person(Role.USER, Role.OPERATOR, Role.COUNCIL, Role.ANALYST)
    attempts: list[Callable[[], object]] = [
        lambda: app.identity.add_user(
            everyone_else, email="x@example.com", name="X", password=PASSWORD, roles=frozenset(), tier=Tier.STARTER
        ),
        lambda: app.identity.change_user(everyone_else, UUID(everyone_else.id), roles=frozenset(Role)),
        lambda: app.tokens.add_agent(everyone_else, "scout", "Scout"),
        lambda: app.tokens.issue_token(
            everyone_else, label="x", scopes=frozenset({Scope.READ}), agent_id="scout"
        ),
    ]  # fmt: skip
    for attempt in attempts:
        with pytest.raises(NotAllowed):
            attempt()


@pytest.mark.parametrize("email", ["asha@example.com", "ASHA@EXAMPLE.COM", " asha@example.com "])
def test_email_is_one_account_however_it_is_written(app: Application, admin: Actor, email: str) -> None:
    with pytest.raises(EmailTaken):
        app.identity.add_user(
            admin, email=email, name="Asha 2", password=PASSWORD, roles=frozenset(), tier=Tier.STARTER
        )


def test_profile_is_a_persons_own_and_its_country_a_code(app: Application, person: Callable[..., Actor]) -> None:
    ravi = person(Role.USER)
    app.identity.save_profile(ravi, PROFILE)
    assert ravi.user_id is not None
    saved = app.identity_queries.profile(ravi.user_id)
    assert saved is not None
    assert (saved.country, saved.market) == ("IN", Market.FREELANCER)
    with pytest.raises(InvalidInput, match="two-letter"):
        app.identity.save_profile(ravi, ProfileForm(Goal.SAVE_TIME, Market.AGENCY, SkillLevel.BEGINNER, "India"))
    with pytest.raises(InvalidInput, match="only a person"):
        app.identity.save_profile(Actor(ActorKind.AGENT, "scout", "Scout"), PROFILE)


def test_token_acts_as_its_owner_within_its_scopes_until_it_ends(
    app: Application, admin: Actor, clock: ManualClock
) -> None:
    expires = clock.now() + timedelta(days=1)
    value = app.tokens.issue_token(admin, label="script", scopes=frozenset({Scope.READ}), expires_at=expires)

    seen = app.identity_queries.actor_of_token(value)
    assert seen is not None
    assert (seen.id, seen.scopes) == (admin.id, frozenset({"read"}))
    with app.database.reading() as session:
        assert value not in str(session.execute(text("SELECT * FROM api_tokens")).all())
    clock.advance(timedelta(days=1))
    assert app.identity_queries.actor_of_token(value) is None


def test_agent_never_gets_to_decide(app: Application, admin: Actor) -> None:
    app.tokens.add_agent(admin, "scout", "Scout")

    for scope in (Scope.DECIDE, Scope.EXECUTE, Scope.ADMIN):
        with pytest.raises(InvalidInput, match="people decide"):
            app.tokens.issue_token(admin, label="x", scopes=frozenset({scope}), agent_id="scout")


@pytest.mark.parametrize(
    "wrong",
    [
        {"agent_id": "Scout"}, {"agent_id": "a"}, {"agent_id": "a" * 65}, {"agent_id": "a b"}, {"agent_id": "é"},
        {"agent_id": "none"}, {"name": ""}, {"name": "x" * 121}, {"name": "a\0b"}, {"description": "x" * 501},
    ],
    ids=lambda wrong: str(wrong)[:30],
)  # fmt: skip
def test_agent_of_a_name_that_is_none_is_refused(app: Application, admin: Actor, wrong: dict[str, str]) -> None:
    with pytest.raises(InvalidInput):
        app.tokens.add_agent(admin, **{"agent_id": "scout", "name": "Scout"} | wrong)
    assert app.identity_queries.agents() == []


def test_token_that_makes_no_sense_is_refused(app: Application, admin: Actor, clock: ManualClock) -> None:
    read = frozenset({Scope.READ})
    attempts: list[Callable[[], object]] = [
        lambda: app.tokens.issue_token(admin, label=" ", scopes=read),
        lambda: app.tokens.issue_token(admin, label="x" * 81, scopes=read),
        lambda: app.tokens.issue_token(admin, label="x", scopes=frozenset()),
        lambda: app.tokens.issue_token(admin, label="x", scopes=read, expires_at=clock.now()),
        lambda: app.tokens.issue_token(admin, label="x", scopes=read, agent_id="nobody"),
    ]
    for attempt in attempts:
        with pytest.raises(CountersignError):
            attempt()
    assert app.identity_queries.tokens(admin) == []


def test_token_is_revoked_by_its_owner_or_an_admin_only(
    app: Application, admin: Actor, person: Callable[..., Actor]
) -> None:
    ravi, meera = person(Role.USER), person(Role.OPERATOR)
    value = app.tokens.issue_token(ravi, label="script", scopes=frozenset({Scope.READ}))
    (token,) = app.identity_queries.tokens(ravi)

    with pytest.raises(NotFound):
        app.tokens.revoke_token(meera, token.id)
    with pytest.raises(NotFound):
        app.tokens.revoke_token(admin, uuid4())
    assert app.identity_queries.actor_of_token(value) is not None
    app.tokens.revoke_token(admin, token.id)
    assert app.identity_queries.actor_of_token(value) is None


def test_no_secret_reaches_the_audit(app: Application, admin: Actor) -> None:
    cookie = app.identity.sign_in(email="asha@example.com", password=PASSWORD, address="1.2.3.4")
    token = app.tokens.issue_token(admin, label="script", scopes=frozenset({Scope.READ}))

    with app.database.reading() as session:
        written = str(session.execute(text("SELECT * FROM audit_entries")).all())
    for secret in (PASSWORD, cookie, token, "argon2"):
        assert secret not in written


def test_groups_are_an_admins_to_give_and_however_spelled_one(
    app: Application, admin: Actor, person: Callable[..., Actor]
) -> None:
    ravi = person(Role.USER)
    assert ravi.user_id is not None
    app.identity.change_user(admin, ravi.user_id, groups=["PM", " pm ", "", "Business  Analyst"])
    found = app.identity_queries.person(ravi.user_id)
    assert found is not None and found.groups == ["business analyst", "pm"]
    assert app.identity_queries.groups() == ["business analyst", "pm"]
    app.identity.change_user(admin, ravi.user_id, tier=Tier.PRO)  # leaves them as they are
    assert app.identity_queries.groups() == ["business analyst", "pm"]
    with pytest.raises(NotAllowed):
        app.identity.change_user(ravi, ravi.user_id, groups=["architect"])
    for wrong in (["x" * 81], ["a\0b"], [f"g{number}" for number in range(41)]):
        with pytest.raises(InvalidInput):
            app.identity.change_user(admin, ravi.user_id, groups=wrong)
    assert app.identity_queries.groups() == ["business analyst", "pm"]
