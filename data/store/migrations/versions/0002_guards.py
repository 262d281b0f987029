"""Guards that the database itself keeps, whatever the code does.

On both databases: the log takes only the row that follows its last one, and gives up only rows
before its stated beginning; a proposal's status changes only after a named person gave a reason.
On PostgreSQL: a school sees and writes its own pupils only (row-level security), and no sample of
names or birth dates is kept for the planner.
"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

#: Tables whose rows belong to a person, by the column that names them.
_OF_PERSON = (
    "wishes",
    "marks",
    "consents",
    "outcomes",
    "contacts",
    "proposals",
    "proposal_history",
    "decisions",
)
_OF_PAIR = {"merges": ("kept", "merged"), "duplicates": ("one", "other")}
_OF_SCHOOL = ("imports", "quarantine")
_WALLED = (
    "people", "identities", *_OF_PERSON, *_OF_PAIR, *_OF_SCHOOL, "import_changes", "runs",
)  # fmt: skip

#: Columns that say who somebody is, or that somebody wrote freely.
_UNSAMPLED = {
    "identities": (
        "surname", "first_name", "born", "street", "postcode", "town", "email", "phone",
    ),
    "people": ("number",),
    "consents": ("giver", "version"),
    "decisions": ("reason",),
    "proposal_history": ("reason",),
    "quarantine": ("reason", "digest"),
}  # fmt: skip

#: Unset and empty mean nobody: whoever forgets to say who asks sees nothing.
_SCHOOL = "NULLIF(current_setting('uebergang.school', true), '')"
_ALL = "current_setting('uebergang.school', true) = '*'"

_NO_CHAIN = "audit is a chain"
_NO_CHANGE = "audit is append-only"
_NO_REASON = "a status needs a person and a reason"
_HISTORY = "history is append-only"


def upgrade() -> None:
    """Make the guards."""
    if op.get_bind().dialect.name == "sqlite":
        _guard_sqlite()
    else:
        _guard_postgresql()
        _wall_schools_off()
        _keep_no_samples()


def downgrade() -> None:
    """Take the guards away, and leave those of the first version."""
    if op.get_bind().dialect.name == "sqlite":
        for trigger in ("audit_follows", "audit_no_delete", "proposals_said", "history_stays"):
            op.execute(f"DROP TRIGGER {trigger}")
        _audit_keeps_every_row()
        return
    for table in _WALLED:
        op.execute(f"DROP POLICY own_school ON {table}")
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    op.execute("DROP FUNCTION uebergang_elsewhere(text, text)")
    for table, trigger in (
        ("audit", "audit_follows"),
        ("proposals", "proposals_said"),
        ("proposal_history", "history_stays"),
    ):
        op.execute(f"DROP TRIGGER {trigger} ON {table}")
        op.execute(f"DROP FUNCTION {trigger}()")
    _refuse("RAISE EXCEPTION '" + _NO_CHANGE + "';")
    _sample(-1)


# --- SQLite --------------------------------------------------------------------------------------

_BEGINNING = "SELECT json_extract(value, '$.seq') FROM settings WHERE name = 'audit.beginning'"


def _audit_keeps_every_row() -> None:
    op.execute(
        "CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit "
        f"BEGIN SELECT RAISE(ABORT, '{_NO_CHANGE}'); END"
    )


def _guard_sqlite() -> None:
    # A trigger before the insert also stops INSERT OR REPLACE of a connection without
    # recursive_triggers, since it comes before the replaced row is removed.
    op.execute(
        "CREATE TRIGGER audit_follows BEFORE INSERT ON audit "
        f"WHEN NEW.seq <> coalesce((SELECT max(seq) FROM audit), ({_BEGINNING}), 0) + 1 "
        "OR NEW.previous <> coalesce((SELECT hash FROM audit ORDER BY seq DESC LIMIT 1), "
        "NEW.previous) "
        f"BEGIN SELECT RAISE(ABORT, '{_NO_CHAIN}'); END"
    )
    op.execute("DROP TRIGGER audit_no_delete")
    op.execute(
        "CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit "
        f"WHEN OLD.seq > coalesce(({_BEGINNING}), 0) "
        f"BEGIN SELECT RAISE(ABORT, '{_NO_CHANGE}'); END"
    )
    op.execute(
        "CREATE TRIGGER proposals_said BEFORE UPDATE OF status ON proposals "
        "WHEN NEW.status <> OLD.status AND NEW.status IS NOT (SELECT status FROM proposal_history "
        "WHERE plan = OLD.plan AND pseudonym = OLD.pseudonym AND place = OLD.place "
        "ORDER BY id DESC LIMIT 1) "
        f"BEGIN SELECT RAISE(ABORT, '{_NO_REASON}'); END"
    )
    op.execute(
        "CREATE TRIGGER history_stays BEFORE UPDATE ON proposal_history "
        f"BEGIN SELECT RAISE(ABORT, '{_HISTORY}'); END"
    )


# --- PostgreSQL ----------------------------------------------------------------------------------


def _refuse(body: str) -> None:
    op.execute(
        "CREATE OR REPLACE FUNCTION audit_refuses() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN {body} END $$"
    )


def _trigger(name: str, when: str, table: str, body: str) -> None:
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$"
    )
    op.execute(
        f"CREATE TRIGGER {name} BEFORE {when} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"
    )


def _guard_postgresql() -> None:
    beginning = "SELECT (value->>'seq')::bigint FROM settings WHERE name = 'audit.beginning'"
    _refuse(
        f"IF TG_OP = 'DELETE' THEN IF OLD.seq <= ({beginning}) THEN RETURN OLD; END IF; END IF; "
        f"RAISE EXCEPTION '{_NO_CHANGE}';"
    )
    _trigger(
        "audit_follows",
        "INSERT",
        "audit",
        f"IF NEW.seq <> coalesce((SELECT max(seq) FROM audit), ({beginning}), 0) + 1 "
        "OR NEW.previous <> coalesce((SELECT hash FROM audit ORDER BY seq DESC LIMIT 1), "
        f"NEW.previous) THEN RAISE EXCEPTION '{_NO_CHAIN}'; END IF; RETURN NEW;",
    )
    _trigger(
        "proposals_said",
        "UPDATE OF status",
        "proposals",
        "IF NEW.status <> OLD.status AND NEW.status IS DISTINCT FROM (SELECT status "
        "FROM proposal_history WHERE plan = OLD.plan AND pseudonym = OLD.pseudonym "
        "AND place = OLD.place ORDER BY id DESC LIMIT 1) "
        f"THEN RAISE EXCEPTION '{_NO_REASON}'; END IF; RETURN NEW;",
    )
    _trigger("history_stays", "UPDATE", "proposal_history", f"RAISE EXCEPTION '{_HISTORY}';")


def _wall_schools_off() -> None:
    # With all rows in sight for as long as it asks: whether a person is on another school's list.
    op.execute(
        "CREATE FUNCTION uebergang_elsewhere(person text, own text) RETURNS boolean "
        "LANGUAGE plpgsql AS $$ DECLARE found_there boolean; BEGIN "
        "PERFORM set_config('uebergang.school', '*', true); "
        "found_there := EXISTS (SELECT 1 FROM people WHERE pseudonym = person AND school <> own); "
        "PERFORM set_config('uebergang.school', own, true); "
        "RETURN found_there; END $$"
    )
    own = f"school = {_SCHOOL}"
    _wall("people", own, f"{own} AND NOT uebergang_elsewhere(pseudonym, {_SCHOOL})")
    # An identity is written before the person's row of the season: nobody else's is enough.
    mine = _own_person("identities", "pseudonym")
    _wall("identities", mine, f"NOT uebergang_elsewhere(pseudonym, {_SCHOOL})")
    for table in _OF_PERSON:
        _wall(table, _own_person(table, "pseudonym"))
    for table, (one, other) in _OF_PAIR.items():
        _wall(table, f"{_own_person(table, one)} AND {_own_person(table, other)}")
    for table in _OF_SCHOOL:
        _wall(table, own)
    _wall(
        "import_changes",
        "EXISTS (SELECT 1 FROM imports WHERE imports.id = import_changes.import_id "
        f"AND imports.school = {_SCHOOL})",
    )
    _wall("runs", "false")


def _own_person(table: str, column: str) -> str:
    return (
        f"EXISTS (SELECT 1 FROM people WHERE people.pseudonym = {table}.{column} "
        f"AND people.school = {_SCHOOL})"
    )


def _wall(table: str, seen: str, written: str | None = None) -> None:
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY own_school ON {table} USING ({_ALL} OR ({seen})) "
        f"WITH CHECK ({_ALL} OR ({written or seen}))"
    )


def _keep_no_samples() -> None:
    _sample(0)


def _sample(target: int) -> None:
    # ANALYZE copies frequent values into pg_statistic, where no deletion would reach them.
    for table, columns in _UNSAMPLED.items():
        for column in columns:
            op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET STATISTICS {target}")
