"""What is kept, and what may never be? Every table, with the rules the database itself holds.

One set of tables for SQLite and PostgreSQL. A person is a random pseudonym: `identities` is the
only table with names, birth dates and addresses (images of its rows, needed to take an import
back, stand in `import_changes`, and rows that wait in `quarantine`). Each pseudonym belongs to one
school's list; the same person in two lists has two, joined by a row in `merges`, so that each
school goes on seeing its own record and an import can be taken back without a trace.

Columns go by the names of the fields that they hold (`data.intake.records`, `matching.problem`).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)

from data.intake.records import Basis, ContactStatus, Decliner, DeclineReason, OutcomeKind
from matching.problem import Bond, Certificate
from matching.target import Standing

#: The length of a pseudonym: 128 random bits, in hexadecimal.
PSEUDONYM_DIGITS = 32

#: The official numbers of schools have six digits; an office may use names of its own.
LONGEST_SCHOOL = 20

#: The name by which one provider's offers are told from others'.
LONGEST_SOURCE = 40

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Moment(TypeDecorator[datetime]):
    """A point in time with its zone outside, in UTC without one inside: alike on both databases."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC; a time without a zone is a defect."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its zone")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """From UTC."""
        return None if value is None else value.replace(tzinfo=UTC)


def _facts() -> JSON:
    return JSON(none_as_null=True)


def _one_of(column: str, values: Iterable[str]) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f'"{column}" IN ({listed})', name=column)


def _said(column: str) -> CheckConstraint:
    """Not blank: neither spaces nor tabs nor line ends alone."""
    return CheckConstraint(f"length(trim(\"{column}\", ' \t\r\n')) > 0", name=f"{column}_said")


def _certificate(column: str) -> CheckConstraint:
    lowest, highest = min(Certificate).value, max(Certificate).value
    return CheckConstraint(f"{column} BETWEEN {lowest} AND {highest}", name=column)


def _person(*, primary_key: bool = False) -> Column[str]:
    return Column(
        "pseudonym",
        String(PSEUDONYM_DIGITS),
        ForeignKey("pseudonyms.pseudonym"),
        primary_key=primary_key,
        nullable=False,
    )


def _season(*, primary_key: bool = False) -> Column[str]:
    return Column(
        "season",
        String(9),
        ForeignKey("seasons.season"),
        primary_key=primary_key,
        nullable=False,
    )


def _import() -> Column[int]:
    """The import that made the row; `None` where a person did."""
    return Column("import_id", Integer, ForeignKey("imports.id"), nullable=True)


def _number() -> Column[int]:
    return Column("id", Integer, primary_key=True, autoincrement=True)


# --- whom and when -------------------------------------------------------------------------------

seasons = Table(
    "seasons",
    metadata,
    Column("season", String(9), primary_key=True),  # "2026/27"
    Column("first_day", Date, nullable=False),
    Column("last_day", Date, nullable=False),
    Column("training_start", Date, nullable=False),
    CheckConstraint("first_day < last_day", name="days"),
)

schools = Table(
    "schools",
    metadata,
    Column("school", String(LONGEST_SCHOOL), primary_key=True),
    Column("name", Text),
    Column("municipality", Text),
    Column("invented", Boolean, nullable=False, default=False),
)

#: The root of every person. A row stays when the identity is deleted, so that counts stay true.
pseudonyms = Table(
    "pseudonyms",
    metadata,
    Column("pseudonym", String(PSEUDONYM_DIGITS), primary_key=True),
    CheckConstraint(f"length(pseudonym) = {PSEUDONYM_DIGITS}", name="length"),
)

identities = Table(
    "identities",
    metadata,
    Column(
        "pseudonym",
        String(PSEUDONYM_DIGITS),
        ForeignKey("pseudonyms.pseudonym"),
        primary_key=True,
    ),
    Column("surname", Text, nullable=False),
    Column("first_name", Text, nullable=False),
    Column("born", Date),
    Column("street", Text),
    Column("postcode", String(10)),
    Column("town", Text),
    Column("email", Text),
    Column("phone", Text),
    Index(None, "born"),
)

people = Table(
    "people",
    metadata,
    _season(primary_key=True),
    _person(primary_key=True),
    Column("school", String(LONGEST_SCHOOL), ForeignKey("schools.school"), nullable=False),
    Column("number", Text),
    Column("school_class", Text),
    Column("grade", Text),
    Column("certificate", Integer),
    Column("compulsory_school_done", Boolean),
    Column("leaves", Date),
    Column("longest_way", Integer),
    Column("applied_before", Boolean),
    Column("standing", String(20), nullable=False, default=Standing.LOOKING.value),
    Column("postcode", String(10)),
    Column("present", Boolean, nullable=False, default=True),
    Column("invented", Boolean, nullable=False, default=False),
    UniqueConstraint("season", "school", "number"),
    Index(None, "pseudonym"),
    Index(None, "school", "number"),
    _one_of("standing", [standing.value for standing in Standing]),
    _certificate("certificate"),
    CheckConstraint("longest_way > 0", name="longest_way"),
)


def _of_person() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["season", "pseudonym"], ["people.season", "people.pseudonym"], ondelete="CASCADE"
    )


def _person_in_season() -> tuple[Column[str], Column[str]]:
    return (
        Column("season", String(9), primary_key=True),
        Column("pseudonym", String(PSEUDONYM_DIGITS), primary_key=True),
    )


wishes = Table(
    "wishes",
    metadata,
    *_person_in_season(),
    Column("rank", Integer, primary_key=True, autoincrement=False),
    Column("kldb", String(5), nullable=False),
    _of_person(),
    CheckConstraint("rank >= 1", name="rank"),
)

marks = Table(
    "marks",
    metadata,
    *_person_in_season(),
    Column("subject", String(40), primary_key=True),
    Column("mark", Integer, nullable=False),
    _of_person(),
    CheckConstraint("mark BETWEEN 1 AND 6", name="mark"),
)

#: The legal grounds of a person in their order; the last one counts.
consents = Table(
    "consents",
    metadata,
    _person(primary_key=True),
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("kind", String(10), nullable=False),
    Column("given_on", Date),
    Column("version", Text),
    Column("giver", Text),
    Column("withdrawn_at", Moment),
    Column("withdrawn_by", Text),
    _one_of("kind", [basis.value for basis in Basis]),
)

places = Table(
    "places",
    metadata,
    Column("id", Text, primary_key=True),
    _season(),
    Column("source", String(LONGEST_SOURCE), nullable=False),
    Column("reference", Text, nullable=False),
    Column("employer", Text),
    Column("title", Text),
    Column("kldb", String(5)),
    Column("postcode", String(10)),
    Column("town", Text),
    Column("openings", Integer, nullable=False, default=1),
    Column("requires", Integer),
    Column("minimum_age", Integer),
    Column("starts", Date),
    Column("present", Boolean, nullable=False, default=True),
    Column("invented", Boolean, nullable=False, default=False),
    UniqueConstraint("season", "source", "reference"),
    CheckConstraint("openings >= 0", name="openings"),
    CheckConstraint("minimum_age >= 0", name="minimum_age"),
    _certificate("requires"),
)

# --- how it came in ------------------------------------------------------------------------------

imports = Table(
    "imports",
    metadata,
    _number(),
    Column("at", Moment, nullable=False),
    Column("by", Text, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("season", String(9), ForeignKey("seasons.season")),
    Column("school", String(LONGEST_SCHOOL), ForeignKey("schools.school")),
    Column("file", Text, nullable=False),
    Column("sha256", String(64)),
    Column("mapping", _facts(), nullable=False),
    Column("counts", _facts(), nullable=False),
    Column("dropped_columns", _facts(), nullable=False),
    Column("undone_at", Moment),
    Column("undone_by", Text),
    Column("sealed_at", Moment),  # since then the images of what was before are deleted
    _one_of("kind", ["pupils", "places", "outcomes", "contacts", "fix", "decision"]),
)

#: What an import changed, one row a record: enough to take it back. `before` holds the columns
#: as they were (`None`: the record is new), `fields` the names of what changed.
import_changes = Table(
    "import_changes",
    metadata,
    Column("import_id", Integer, ForeignKey("imports.id"), primary_key=True, autoincrement=False),
    Column("record", String(20), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("fields", _facts(), nullable=False),
    Column("before", _facts()),
    Index(None, "record", "key"),
    _one_of("record", ["person", "place", "outcome", "contact", "quarantine"]),
)

#: Rows that could not be taken as they were. `digest` tells a row that comes again.
quarantine = Table(
    "quarantine",
    metadata,
    _number(),
    Column("import_id", Integer, ForeignKey("imports.id"), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("season", String(9), ForeignKey("seasons.season")),
    Column("school", String(LONGEST_SCHOOL), ForeignKey("schools.school")),
    Column("source", String(LONGEST_SOURCE)),
    Column("row", Integer, nullable=False),
    Column("cells", _facts(), nullable=False),
    Column("faults", _facts(), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("status", String(10), nullable=False, default="waiting"),
    Column("pseudonym", String(PSEUDONYM_DIGITS), ForeignKey("pseudonyms.pseudonym")),
    Column("reason", Text),
    Column("by", Text),
    Column("at", Moment),
    Index(None, "digest"),
    Index(None, "status", "school"),
    Index(None, "import_id"),
    Index(None, "pseudonym"),
    _one_of("kind", ["pupils", "places", "outcomes", "contacts"]),
    _one_of("status", ["waiting", "fixed", "dismissed"]),
    CheckConstraint("status <> 'dismissed' OR reason IS NOT NULL", name="dismissed_with_reason"),
)

#: How a school (or another source) means its headings.
mappings = Table(
    "mappings",
    metadata,
    Column("school", String(40), primary_key=True),
    Column("heading", String(200), primary_key=True),
    Column("field", String(40), nullable=False),
)

duplicates = Table(
    "duplicates",
    metadata,
    Column("one", String(PSEUDONYM_DIGITS), ForeignKey("pseudonyms.pseudonym"), primary_key=True),
    Column("other", String(PSEUDONYM_DIGITS), ForeignKey("pseudonyms.pseudonym"), primary_key=True),
    Column("score", Float, nullable=False),
    Column("rule", Text, nullable=False),
    Column("decision", String(10)),
    Column("by", Text),
    Column("at", Moment),
    _import(),
    Index(None, "other"),
    CheckConstraint("one < other", name="one_before_other"),
    _one_of("decision", ["same", "different"]),
    CheckConstraint('decision IS NULL OR "by" IS NOT NULL', name="decided_by"),
)

#: Who is whom: `merged` is the same person as `kept`.
merges = Table(
    "merges",
    metadata,
    Column(
        "merged", String(PSEUDONYM_DIGITS), ForeignKey("pseudonyms.pseudonym"), primary_key=True
    ),
    Column("kept", String(PSEUDONYM_DIGITS), ForeignKey("pseudonyms.pseudonym"), nullable=False),
    Column("rule", Text, nullable=False),
    Column("score", Float),
    Column("at", Moment, nullable=False),
    Column("by", Text, nullable=False),
    _import(),
    Index(None, "kept"),
    CheckConstraint("kept <> merged", name="two_records"),
)

# --- what became of people -----------------------------------------------------------------------

outcomes = Table(
    "outcomes",
    metadata,
    Column("id", String(32), primary_key=True),
    _season(),
    _person(),
    Column("place", Text, ForeignKey("places.id")),
    Column("kind", String(30), nullable=False),
    Column("code", String(20)),
    Column("on", Date),
    Column("own_find", Boolean),
    _import(),
    Index(None, "pseudonym"),
    Index(None, "place"),
    Index(None, "season"),
    _one_of("kind", [kind.value for kind in OutcomeKind]),
)

contacts = Table(
    "contacts",
    metadata,
    Column("id", String(32), primary_key=True),
    _season(),
    _person(),
    Column("place", Text, ForeignKey("places.id")),
    Column("status", String(20), nullable=False),
    Column("on", Date),
    Column("declined_by", String(20)),
    Column("reason", String(20)),
    _import(),
    Index(None, "pseudonym"),
    Index(None, "place"),
    Index(None, "season"),
    _one_of("status", [status.value for status in ContactStatus]),
    _one_of("declined_by", [decliner.value for decliner in Decliner]),
    _one_of("reason", [reason.value for reason in DeclineReason]),
)

#: What is left of deleted people: how many of a season and school came to what. Nobody's row.
figures = Table(
    "figures",
    metadata,
    _season(primary_key=True),
    Column("school", String(LONGEST_SCHOOL), ForeignKey("schools.school"), primary_key=True),
    Column("standing", String(20), primary_key=True),
    Column("outcome", String(30), primary_key=True),
    Column("people", Integer, nullable=False),
    _one_of("standing", [standing.value for standing in Standing]),
    _one_of("outcome", [kind.value for kind in OutcomeKind]),
    CheckConstraint("people > 0", name="people"),
)

# --- what was computed and decided ---------------------------------------------------------------

runs = Table(
    "runs",
    metadata,
    _number(),
    Column("at", Moment, nullable=False),
    Column("by", Text, nullable=False),
    _season(),
    Column("fingerprint", String(64), nullable=False),
    Column("data_hash", String(64), nullable=False),
    Column("model_hash", String(64), nullable=False),
    Column("config", _facts(), nullable=False),
    Column("versions", _facts(), nullable=False),
    Column("solver", String(40), nullable=False),
    Column("result", _facts(), nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Index(None, "season"),
)

plans = Table(
    "plans",
    metadata,
    _number(),
    Column("run", Integer, ForeignKey("runs.id"), nullable=False),
    _season(),
    Column("status", String(10), nullable=False, default="draft"),
    Column("at", Moment, nullable=False),
    Column("by", Text, nullable=False),
    _one_of("status", ["draft", "active", "replaced"]),
)
Index(
    "uq_plans_one_active",
    plans.c.season,
    unique=True,
    sqlite_where=text("status = 'active'"),
    postgresql_where=text("status = 'active'"),
)

_PROPOSAL_STATUS = ["proposed", "sent", "accepted", "declined", "contract", "started", "withdrawn"]

proposals = Table(
    "proposals",
    metadata,
    Column("plan", Integer, ForeignKey("plans.id"), primary_key=True, autoincrement=False),
    _person(primary_key=True),
    Column("place", Text, ForeignKey("places.id"), primary_key=True),
    Column("chance", Float, nullable=False),
    Column("status", String(20), nullable=False, default="proposed"),
    CheckConstraint("chance > 0 AND chance <= 1", name="chance"),
    _one_of("status", _PROPOSAL_STATUS),
    Index(None, "pseudonym"),
    Index(None, "place"),
)

#: Each change of a proposal's status: nothing is sent without a named person and a reason.
proposal_history = Table(
    "proposal_history",
    metadata,
    _number(),
    Column("plan", Integer, nullable=False),
    Column("pseudonym", String(PSEUDONYM_DIGITS), nullable=False),
    Column("place", Text, nullable=False),
    Column("status", String(20), nullable=False),
    Column("at", Moment, nullable=False),
    Column("by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    ForeignKeyConstraint(
        ["plan", "pseudonym", "place"],
        ["proposals.plan", "proposals.pseudonym", "proposals.place"],
    ),
    _one_of("status", _PROPOSAL_STATUS),
    _said("by"),
    _said("reason"),
    Index(None, "plan", "pseudonym", "place"),
)

#: What people ruled about pairs; the last ruling counts, and one without `bond` lifts the others.
decisions = Table(
    "decisions",
    metadata,
    _number(),
    _season(),
    _person(),
    Column("place", Text, ForeignKey("places.id"), nullable=False),
    Column("bond", String(5)),
    Column("by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", Moment, nullable=False),
    _one_of("bond", [bond.value for bond in Bond]),
    _said("by"),
    _said("reason"),
    Index(None, "pseudonym", "place"),
    Index(None, "place"),
    Index(None, "season"),
)

# --- who looks after whom ------------------------------------------------------------------------

#: Who looks after a person in a season, and when they are to be asked again. Nobody looks after
#: whom no row names. `agreed_on`: since when firms may be told the person's name.
cases = Table(
    "cases",
    metadata,
    _season(primary_key=True),
    _person(primary_key=True),
    Column("counselor", String(80)),
    Column("contact_again", Date),
    Column("agreed_on", Date),
    Index(None, "pseudonym"),
    Index(None, "counselor"),
)

#: How well a place fits a person in a counselor's own eyes, said before any chance was shown.
judgements = Table(
    "judgements",
    metadata,
    _season(primary_key=True),
    _person(primary_key=True),
    Column("place", Text, ForeignKey("places.id"), primary_key=True),
    Column("by", String(80), primary_key=True),
    Column("fit", Integer, nullable=False),
    Column("at", Moment, nullable=False),
    Index(None, "pseudonym"),
    Index(None, "place"),
    CheckConstraint("fit BETWEEN 1 AND 4", name="fit"),
)

#: What somebody typed about a person and has not saved yet; gone once it is saved, or too old.
drafts = Table(
    "drafts",
    metadata,
    Column("by", String(80), primary_key=True),
    _season(primary_key=True),
    _person(primary_key=True),
    Column("form", String(20), primary_key=True),
    Column("told", _facts(), nullable=False),
    Column("at", Moment, nullable=False),
    Index(None, "pseudonym"),
)

#: Who objected to being matched by a program (GDPR Art. 21): people alone look after them.
objections = Table(
    "objections",
    metadata,
    _person(primary_key=True),
    Column("on", Date, nullable=False),
    Column("by", String(80), nullable=False),
    Column("at", Moment, nullable=False),
)

#: When a counselor is shown chances: always, after a judgement of their own, or never.
counselors = Table(
    "counselors",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("scores", String(10), nullable=False),
    _one_of("scores", ["shown", "after", "off"]),
)

# --- where chances come from --------------------------------------------------------------------

#: Learned models that were taken in, whole files with their cards. Append-only (triggers on both).
chance_models = Table(
    "chance_models",
    metadata,
    _number(),
    Column("hash", String(64), nullable=False, unique=True),
    Column("made", String(40), nullable=False),
    Column("at", Moment, nullable=False),
    Column("by", String(80), nullable=False),
    Column("invented", Boolean, nullable=False),
    Column("card", _facts(), nullable=False),
    Column("content", LargeBinary, nullable=False),
)

#: Which model gave the chances from when on, and when people did without. Append-only, likewise.
model_switches = Table(
    "model_switches",
    metadata,
    _number(),
    Column("at", Moment, nullable=False),
    Column("by", String(80), nullable=False),
    Column("reason", Text, nullable=False),
    Column("to", String(12), nullable=False),
    Column("model", Integer, ForeignKey("chance_models.id")),
    _one_of("to", ["model", "scorecard", "manual_on", "manual_off"]),
    CheckConstraint("(\"to\" = 'model') = (model IS NOT NULL)", name="named"),
    _said("reason"),
)

# --- who works here, and what they did -----------------------------------------------------------

users = Table(
    "users",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("password", Text),
    Column("language", String(5)),
    Column("active", Boolean, nullable=False, default=True),
    Column("made_at", Moment, nullable=False),
    _said("name"),
)

#: `school` narrows a role to one school's pupils; an empty text stands for all of them.
user_roles = Table(
    "user_roles",
    metadata,
    Column("name", String(80), ForeignKey("users.name", ondelete="CASCADE"), primary_key=True),
    Column("role", String(20), primary_key=True),
    Column("school", String(LONGEST_SCHOOL), primary_key=True, default=""),
)

#: Append-only (triggers on both databases); each row holds the hash of the one before.
audit = Table(
    "audit",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", String(32), nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", String(60), nullable=False),
    Column("subject", Text, nullable=False),
    Column("fields", _facts(), nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False, unique=True),
)

settings = Table(
    "settings",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("value", _facts(), nullable=False),
)

# --- who is signed in ----------------------------------------------------------------------------

#: How a user proves who they are: by a password (its hash stands in `users`), which counts once
#: where it is a one-time one, or by an account at an identity provider.
credentials = Table(
    "credentials",
    metadata,
    Column("name", String(80), ForeignKey("users.name", ondelete="CASCADE"), primary_key=True),
    Column("one_time", Boolean, nullable=False, default=False),
    Column("changed_at", Moment, nullable=False),
    Column("issuer", Text),
    Column("subject", Text),
    UniqueConstraint("issuer", "subject"),
    CheckConstraint("(issuer IS NULL) = (subject IS NULL)", name="whole"),
)

#: `key` is the SHA-256 of what the browser holds: who reads this table can't sign in with it.
sessions = Table(
    "sessions",
    metadata,
    Column("key", String(64), primary_key=True),
    Column(
        "name", String(80), ForeignKey("users.name", ondelete="CASCADE"), nullable=False, index=True
    ),
    Column("began_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
)

#: `name` is the SHA-256 of what was typed (some type a password there by mistake), or half of it
#: and half of that of the mark of the user's own browser.
failed_sign_ins = Table(
    "failed_sign_ins",
    metadata,
    _number(),
    Column("name", String(64), nullable=False, index=True),
    Column("at", Moment, nullable=False),
)

#: What must be remembered while somebody is at the identity provider; each row counts once.
sign_ins_under_way = Table(
    "sign_ins_under_way",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("facts", _facts(), nullable=False),
    Column("ends_at", Moment, nullable=False),
)
