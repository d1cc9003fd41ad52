"""Changes told to those who watch.

Revision ID: 0023
Revises: 0022
"""

from __future__ import annotations

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

# A transaction that notifies holds one lock of the whole server until it is on the disk, and others that notify wait
# for it: commits of a busy worker would go one by one. So only what is watched is told. Whoever watches holds advisory
# locks, shared: on the kind (with an empty name), and on the row or on every row of the kind. Where such a lock can be
# had alone, nobody watches. Two triggers that ask at the same moment may take each other for watchers, and one tells in vain.
_IS_WATCHED = """
CREATE FUNCTION is_watched(kind text, name text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    IF pg_try_advisory_lock(1129530451, hashtext(kind || ' ' || name)) THEN
        PERFORM pg_advisory_unlock(1129530451, hashtext(kind || ' ' || name));
        RETURN false;
    END IF;
    RETURN true;
END $$
"""
# Statement level, so that an import or a roll-up of a million rows is one message. `UPDATE OF` and transition tables
# exclude each other in PostgreSQL, hence the comparison of versions.
_TELL = """
CREATE FUNCTION tell_{name}() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ids text[];
    said text[];
    every boolean;
BEGIN
    IF NOT is_watched('{kind}', '') THEN
        RETURN NULL;
    END IF;
    SELECT array_agg(found.id), array_agg(found.said) INTO ids, said FROM ({found} LIMIT 21) AS found (id, said);
    IF cardinality(ids) > 20 THEN
        PERFORM pg_notify('countersign', '{kind}');
    ELSIF ids IS NOT NULL THEN
        every := is_watched('{kind}', '*');
        FOR place IN 1 .. cardinality(ids) LOOP
            IF every OR is_watched('{kind}', ids[place]) THEN
                PERFORM pg_notify('countersign', said[place]);
            END IF;
        END LOOP;
    END IF;
    RETURN NULL;
END $$
"""
_TELL_ACCESS = """
CREATE FUNCTION tell_access() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF is_watched('access', '') THEN
        PERFORM pg_notify('countersign', 'access');
    END IF;
    RETURN NULL;
END $$
"""
_VERSIONED = (("executions", "run"), ("actions", "action"))
_ACCESS = (
    ("users", "UPDATE OF roles, groups, tier, active OR DELETE"),
    ("agents", "UPDATE OF active OR DELETE"),
    ("api_tokens", "UPDATE OF scopes, expires_at, revoked_at OR DELETE"),
    ("councils", "UPDATE OR DELETE"),
    ("council_members", "INSERT OR UPDATE OR DELETE"),
    ("delegations", "INSERT OR UPDATE OR DELETE"),
)
"""What decides who may see and do what."""


def upgrade() -> None:
    op.execute(_IS_WATCHED)
    for table, kind in _VERSIONED:
        row = f"SELECT now_is.id::text, '{kind} ' || now_is.id || ' ' || now_is.version FROM now_is"  # noqa: S608 (words of ours)
        moved = f"{row} JOIN was ON was.id = now_is.id WHERE was.version <> now_is.version"
        _told(table, kind, put=row, changed=moved)
    row = "SELECT now_is.id::text, 'decision ' || now_is.id FROM now_is"
    _told("decisions", "decision", put=row, changed=row)
    op.execute(_TELL_ACCESS)
    for table, events in _ACCESS:
        op.execute(
            f"CREATE TRIGGER {table}_are_told AFTER {events} ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION tell_access()"
        )


def _told(table: str, kind: str, *, put: str, changed: str) -> None:
    for event, found, seen in (
        ("INSERT", put, "NEW TABLE AS now_is"),
        ("UPDATE", changed, "NEW TABLE AS now_is OLD TABLE AS was"),
        ("DELETE", put, "OLD TABLE AS now_is"),
    ):
        name = f"{table}_{event.lower()}"
        op.execute(_TELL.format(name=name, kind=kind, found=found))
        op.execute(
            f"CREATE TRIGGER {table}_tell_{event.lower()} AFTER {event} ON {table} "
            f"REFERENCING {seen} FOR EACH STATEMENT EXECUTE FUNCTION tell_{name}()"
        )
