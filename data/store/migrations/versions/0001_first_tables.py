"""Every table of the first version, and the triggers that keep the audit log append-only."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# One step lists every table, and a list of words may be long.
# ruff: noqa: E501, PLR0915

_REFUSED = "audit is append-only"


def upgrade() -> None:
    """Make tables and triggers."""
    op.create_table(
        "audit",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit")),
        sa.UniqueConstraint("hash", name=op.f("uq_audit_hash")),
    )
    op.create_table(
        "mappings",
        sa.Column("school", sa.String(length=40), nullable=False),
        sa.Column("heading", sa.String(length=200), nullable=False),
        sa.Column("field", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("school", "heading", name=op.f("pk_mappings")),
    )
    op.create_table(
        "pseudonyms",
        sa.Column("pseudonym", sa.String(length=32), nullable=False),
        sa.CheckConstraint("length(pseudonym) = 32", name=op.f("ck_pseudonyms_length")),
        sa.PrimaryKeyConstraint("pseudonym", name=op.f("pk_pseudonyms")),
    )
    op.create_table(
        "schools",
        sa.Column("school", sa.String(length=20), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("municipality", sa.Text(), nullable=True),
        sa.Column("invented", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("school", name=op.f("pk_schools")),
    )
    op.create_table(
        "seasons",
        sa.Column("season", sa.String(length=9), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("training_start", sa.Date(), nullable=False),
        sa.CheckConstraint("first_day < last_day", name=op.f("ck_seasons_days")),
        sa.PrimaryKeyConstraint("season", name=op.f("pk_seasons")),
    )
    op.create_table(
        "settings",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_settings")),
    )
    op.create_table(
        "users",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("password", sa.Text(), nullable=True),
        sa.Column("language", sa.String(length=5), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.CheckConstraint(
            "length(trim(\"name\", ' \t\r\n')) > 0", name=op.f("ck_users_name_said")
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_users")),
    )
    op.create_table(
        "consents",
        sa.Column("pseudonym", sa.String(length=32), nullable=False),
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Text(), nullable=True),
        sa.Column("giver", sa.Text(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(), nullable=True),
        sa.Column("withdrawn_by", sa.Text(), nullable=True),
        sa.CheckConstraint("\"kind\" IN ('law', 'consent', 'none')", name=op.f("ck_consents_kind")),
        sa.ForeignKeyConstraint(
            ["pseudonym"], ["pseudonyms.pseudonym"], name=op.f("fk_consents_pseudonym")
        ),
        sa.PrimaryKeyConstraint("pseudonym", "sequence", name=op.f("pk_consents")),
    )
    op.create_table(
        "figures",
        sa.Column("season", sa.String(length=9), nullable=False),
        sa.Column("school", sa.String(length=20), nullable=False),
        sa.Column("standing", sa.String(length=20), nullable=False),
        sa.Column("outcome", sa.String(length=30), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "\"outcome\" IN ('dual', 'school_based', 'external_training', 'entry_qualification', 'preparation', 'school', 'study', 'work', 'service', 'other', 'none', 'unknown')",
            name=op.f("ck_figures_outcome"),
        ),
        sa.CheckConstraint(
            "\"standing\" IN ('looking', 'started', 'own_find', 'school_based', 'interested', 'withdrawn', 'unknown')",
            name=op.f("ck_figures_standing"),
        ),
        sa.CheckConstraint("people > 0", name=op.f("ck_figures_people")),
        sa.ForeignKeyConstraint(["school"], ["schools.school"], name=op.f("fk_figures_school")),
        sa.ForeignKeyConstraint(["season"], ["seasons.season"], name=op.f("fk_figures_season")),
        sa.PrimaryKeyConstraint("season", "school", "standing", "outcome", name=op.f("pk_figures")),
    )
    op.create_table(
        "identities",
        sa.Column("pseudonym", sa.String(length=32), nullable=False),
        sa.Column("surname", sa.Text(), nullable=False),
        sa.Column("first_name", sa.Text(), nullable=False),
        sa.Column("born", sa.Date(), nullable=True),
        sa.Column("street", sa.Text(), nullable=True),
        sa.Column("postcode", sa.String(length=10), nullable=True),
        sa.Column("town", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["pseudonym"], ["pseudonyms.pseudonym"], name=op.f("fk_identities_pseudonym")
        ),
        sa.PrimaryKeyConstraint("pseudonym", name=op.f("pk_identities")),
    )
    op.create_index(op.f("ix_identities_born"), "identities", ["born"], unique=False)
    op.create_table(
        "imports",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("season", sa.String(length=9), nullable=True),
        sa.Column("school", sa.String(length=20), nullable=True),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("dropped_columns", sa.JSON(), nullable=False),
        sa.Column("undone_at", sa.DateTime(), nullable=True),
        sa.Column("undone_by", sa.Text(), nullable=True),
        sa.Column("sealed_at", sa.DateTime(), nullable=True),
        sa.CheckConstraint(
            "\"kind\" IN ('pupils', 'places', 'outcomes', 'contacts', 'fix', 'decision')",
            name=op.f("ck_imports_kind"),
        ),
        sa.ForeignKeyConstraint(["school"], ["schools.school"], name=op.f("fk_imports_school")),
        sa.ForeignKeyConstraint(["season"], ["seasons.season"], name=op.f("fk_imports_season")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
    )
    op.create_table(
        "people",
        sa.Column("season", sa.String(length=9), nullable=False),
        sa.Column("pseudonym", sa.String(length=32), nullable=False),
        sa.Column("school", sa.String(length=20), nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("school_class", sa.Text(), nullable=True),
        sa.Column("grade", sa.Text(), nullable=True),
        sa.Column("certificate", sa.Integer(), nullable=True),
        sa.Column("compulsory_school_done", sa.Boolean(), nullable=True),
        sa.Column("leaves", sa.Date(), nullable=True),
        sa.Column("longest_way", sa.Integer(), nullable=True),
        sa.Column("applied_before", sa.Boolean(), nullable=True),
        sa.Column("standing", sa.String(length=20), nullable=False),
        sa.Column("postcode", sa.String(length=10), nullable=True),
        sa.Column("present", sa.Boolean(), nullable=False),
        sa.Column("invented", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "\"standing\" IN ('looking', 'started', 'own_find', 'school_based', 'interested', 'withdrawn', 'unknown')",
            name=op.f("ck_people_standing"),
        ),
        sa.CheckConstraint("certificate BETWEEN 0 AND 5", name=op.f("ck_people_certificate")),
        sa.CheckConstraint("longest_way > 0", name=op.f("ck_people_longest_way")),
        sa.ForeignKeyConstraint(
            ["pseudonym"], ["pseudonyms.pseudonym"], name=op.f("fk_people_pseudonym")
        ),
        sa.ForeignKeyConstraint(["school"], ["schools.school"], name=op.f("fk_people_school")),
        sa.ForeignKeyConstraint(["season"], ["seasons.season"], name=op.f("fk_people_season")),
        sa.PrimaryKeyConstraint("season", "pseudonym", name=op.f("pk_people")),
        sa.UniqueConstraint(
            "season", "school", "number", name=op.f("uq_people_season_school_number")
        ),
    )
    op.create_index(op.f("ix_people_pseudonym"), "people", ["pseudonym"], unique=False)
    op.create_index(op.f("ix_people_school_number"), "people", ["school", "number"], unique=False)
    op.create_table(
        "places",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("season", sa.String(length=9), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("employer", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("kldb", sa.String(length=5), nullable=True),
        sa.Column("postcode", sa.String(length=10), nullable=True),
        sa.Column("town", sa.Text(), nullable=True),
        sa.Column("openings", sa.Integer(), nullable=False),
        sa.Column("requires", sa.Integer(), nullable=True),
        sa.Column("minimum_age", sa.Integer(), nullable=True),
        sa.Column("starts", sa.Date(), nullable=True),
        sa.Column("present", sa.Boolean(), nullable=False),
        sa.Column("invented", sa.Boolean(), nullable=False),
        sa.CheckConstraint("minimum_age >= 0", name=op.f("ck_places_minimum_age")),
        sa.CheckConstraint("openings >= 0", name=op.f("ck_places_openings")),
        sa.CheckConstraint("requires BETWEEN 0 AND 5", name=op.f("ck_places_requires")),
        sa.ForeignKeyConstraint(["season"], ["seasons.season"], name=op.f("fk_places_season")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_places")),
        sa.UniqueConstraint(
            "season", "source", "reference", name=op.f("uq_places_season_source_reference")
        ),
    )
    op.create_table(
        "runs",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("season", sa.String(length=9), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("data_hash", sa.String(length=64), nullable=False),
        sa.Column("model_hash", sa.String(length=64), nullable=False),
        sa.Column("config", sa.JSON(), nullable=False),
        sa.Column("versions", sa.JSON(), nullable=False),
        sa.Column("solver", sa.String(length=40), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["season"], ["seasons.season"], name=op.f("fk_runs_season")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
    )
    op.create_index(op.f("ix_runs_season"), "runs", ["season"], unique=False)
    op.create_table(
        "user_roles",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("school", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["name"], ["users.name"], name=op.f("fk_user_roles_name"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("name", "role", "school", name=op.f("pk_user_roles")),
    )
    op.create_table(
        "contacts",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("season", sa.String(length=9), nullable=False),
        sa.Column("pseudonym", sa.String(length=32), nullable=False),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("on", sa.Date(), nullable=True),
        sa.Column("declined_by", sa.String(length=20), nullable=True),
        sa.Column("reason", sa.String(length=20), nullable=True),
        sa.Column("import_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "\"declined_by\" IN ('seeker', 'employer')", name=op.f("ck_contacts_declined_by")
        ),
        sa.CheckConstraint(
            "\"reason\" IN ('filled', 'certificate', 'no_show', 'no_fit', 'other_offer', 'way', 'occupation', 'terms', 'other')",
            name=op.f("ck_contacts_reason"),
        ),
        sa.CheckConstraint(
            "\"status\" IN ('sent', 'applied', 'interview', 'contract', 'started', 'declined', 'withdrawn', 'unknown')",
            name=op.f("ck_contacts_status"),
        ),
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"], name=op.f("fk_contacts_import_id")),
        sa.ForeignKeyConstraint(["place"], ["places.id"], name=op.f("fk_contacts_place")),
        sa.ForeignKeyConstraint(
            ["pseudonym"], ["pseudonyms.pseudonym"], name=op.f("fk_contacts_pseudonym")
        ),
        sa.ForeignKeyConstraint(["season"], ["seasons.season"], name=op.f("fk_contacts_season")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contacts")),
    )
    op.create_index(op.f("ix_contacts_place"), "contacts", ["place"], unique=False)
    op.create_index(op.f("ix_contacts_pseudonym"), "contacts", ["pseudonym"], unique=False)
    op.create_index(op.f("ix_contacts_season"), "contacts", ["season"], unique=False)
    op.create_table(
        "decisions",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("season", sa.String(length=9), nullable=False),
        sa.Column("pseudonym", sa.String(length=32), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("bond", sa.String(length=5), nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.CheckConstraint("\"bond\" IN ('pin', 'ban')", name=op.f("ck_decisions_bond")),
        sa.CheckConstraint(
            "length(trim(\"by\", ' \t\r\n')) > 0", name=op.f("ck_decisions_by_said")
        ),
        sa.CheckConstraint(
            "length(trim(\"reason\", ' \t\r\n')) > 0", name=op.f("ck_decisions_reason_said")
        ),
        sa.ForeignKeyConstraint(["place"], ["places.id"], name=op.f("fk_decisions_place")),
        sa.ForeignKeyConstraint(
            ["pseudonym"], ["pseudonyms.pseudonym"], name=op.f("fk_decisions_pseudonym")
        ),
        sa.ForeignKeyConstraint(["season"], ["seasons.season"], name=op.f("fk_decisions_season")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
    )
    op.create_index(op.f("ix_decisions_place"), "decisions", ["place"], unique=False)
    op.create_index(
        op.f("ix_decisions_pseudonym_place"), "decisions", ["pseudonym", "place"], unique=False
    )
    op.create_index(op.f("ix_decisions_season"), "decisions", ["season"], unique=False)
    op.create_table(
        "duplicates",
        sa.Column("one", sa.String(length=32), nullable=False),
        sa.Column("other", sa.String(length=32), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("decision", sa.String(length=10), nullable=True),
        sa.Column("by", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(), nullable=True),
        sa.Column("import_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "\"decision\" IN ('same', 'different')", name=op.f("ck_duplicates_decision")
        ),
        sa.CheckConstraint(
            'decision IS NULL OR "by" IS NOT NULL', name=op.f("ck_duplicates_decided_by")
        ),
        sa.CheckConstraint("one < other", name=op.f("ck_duplicates_one_before_other")),
        sa.ForeignKeyConstraint(
            ["import_id"], ["imports.id"], name=op.f("fk_duplicates_import_id")
        ),
        sa.ForeignKeyConstraint(["one"], ["pseudonyms.pseudonym"], name=op.f("fk_duplicates_one")),
        sa.ForeignKeyConstraint(
            ["other"], ["pseudonyms.pseudonym"], name=op.f("fk_duplicates_other")
        ),
        sa.PrimaryKeyConstraint("one", "other", name=op.f("pk_duplicates")),
    )
    op.create_index(op.f("ix_duplicates_other"), "duplicates", ["other"], unique=False)
    op.create_table(
        "import_changes",
        sa.Column("import_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("record", sa.String(length=20), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.CheckConstraint(
            "\"record\" IN ('person', 'place', 'outcome', 'contact', 'quarantine')",
            name=op.f("ck_import_changes_record"),
        ),
        sa.ForeignKeyConstraint(
            ["import_id"], ["imports.id"], name=op.f("fk_import_changes_import_id")
        ),
        sa.PrimaryKeyConstraint("import_id", "record", "key", name=op.f("pk_import_changes")),
    )
    op.create_index(
        op.f("ix_import_changes_record_key"), "import_changes", ["record", "key"], unique=False
    )
    op.create_table(
        "marks",
        sa.Column("season", sa.String(length=9), nullable=False),
        sa.Column("pseudonym", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("mark", sa.Integer(), nullable=False),
        sa.CheckConstraint("mark BETWEEN 1 AND 6", name=op.f("ck_marks_mark")),
        sa.ForeignKeyConstraint(
            ["season", "pseudonym"],
            ["people.season", "people.pseudonym"],
            name=op.f("fk_marks_season_pseudonym"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("season", "pseudonym", "subject", name=op.f("pk_marks")),
    )
    op.create_table(
        "merges",
        sa.Column("merged", sa.String(length=32), nullable=False),
        sa.Column("kept", sa.String(length=32), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("kept <> merged", name=op.f("ck_merges_two_records")),
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"], name=op.f("fk_merges_import_id")),
        sa.ForeignKeyConstraint(["kept"], ["pseudonyms.pseudonym"], name=op.f("fk_merges_kept")),
        sa.ForeignKeyConstraint(
            ["merged"], ["pseudonyms.pseudonym"], name=op.f("fk_merges_merged")
        ),
        sa.PrimaryKeyConstraint("merged", name=op.f("pk_merges")),
    )
    op.create_index(op.f("ix_merges_kept"), "merges", ["kept"], unique=False)
    op.create_table(
        "outcomes",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("season", sa.String(length=9), nullable=False),
        sa.Column("pseudonym", sa.String(length=32), nullable=False),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=True),
        sa.Column("on", sa.Date(), nullable=True),
        sa.Column("own_find", sa.Boolean(), nullable=True),
        sa.Column("import_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "\"kind\" IN ('dual', 'school_based', 'external_training', 'entry_qualification', 'preparation', 'school', 'study', 'work', 'service', 'other', 'none', 'unknown')",
            name=op.f("ck_outcomes_kind"),
        ),
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"], name=op.f("fk_outcomes_import_id")),
        sa.ForeignKeyConstraint(["place"], ["places.id"], name=op.f("fk_outcomes_place")),
        sa.ForeignKeyConstraint(
            ["pseudonym"], ["pseudonyms.pseudonym"], name=op.f("fk_outcomes_pseudonym")
        ),
        sa.ForeignKeyConstraint(["season"], ["seasons.season"], name=op.f("fk_outcomes_season")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outcomes")),
    )
    op.create_index(op.f("ix_outcomes_place"), "outcomes", ["place"], unique=False)
    op.create_index(op.f("ix_outcomes_pseudonym"), "outcomes", ["pseudonym"], unique=False)
    op.create_index(op.f("ix_outcomes_season"), "outcomes", ["season"], unique=False)
    op.create_table(
        "plans",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("season", sa.String(length=9), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "\"status\" IN ('draft', 'active', 'replaced')", name=op.f("ck_plans_status")
        ),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name=op.f("fk_plans_run")),
        sa.ForeignKeyConstraint(["season"], ["seasons.season"], name=op.f("fk_plans_season")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plans")),
    )
    op.create_index(
        "uq_plans_one_active",
        "plans",
        ["season"],
        unique=True,
        sqlite_where=sa.text("status = 'active'"),
        postgresql_where=sa.text("status = 'active'"),
    )
    op.create_table(
        "quarantine",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("season", sa.String(length=9), nullable=True),
        sa.Column("school", sa.String(length=20), nullable=True),
        sa.Column("source", sa.String(length=40), nullable=True),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("cells", sa.JSON(), nullable=False),
        sa.Column("faults", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("pseudonym", sa.String(length=32), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("by", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(), nullable=True),
        sa.CheckConstraint(
            "status <> 'dismissed' OR reason IS NOT NULL",
            name=op.f("ck_quarantine_dismissed_with_reason"),
        ),
        sa.CheckConstraint(
            "\"kind\" IN ('pupils', 'places', 'outcomes', 'contacts')",
            name=op.f("ck_quarantine_kind"),
        ),
        sa.CheckConstraint(
            "\"status\" IN ('waiting', 'fixed', 'dismissed')", name=op.f("ck_quarantine_status")
        ),
        sa.ForeignKeyConstraint(
            ["import_id"], ["imports.id"], name=op.f("fk_quarantine_import_id")
        ),
        sa.ForeignKeyConstraint(
            ["pseudonym"], ["pseudonyms.pseudonym"], name=op.f("fk_quarantine_pseudonym")
        ),
        sa.ForeignKeyConstraint(["school"], ["schools.school"], name=op.f("fk_quarantine_school")),
        sa.ForeignKeyConstraint(["season"], ["seasons.season"], name=op.f("fk_quarantine_season")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quarantine")),
    )
    op.create_index(op.f("ix_quarantine_digest"), "quarantine", ["digest"], unique=False)
    op.create_index(op.f("ix_quarantine_import_id"), "quarantine", ["import_id"], unique=False)
    op.create_index(op.f("ix_quarantine_pseudonym"), "quarantine", ["pseudonym"], unique=False)
    op.create_index(
        op.f("ix_quarantine_status_school"), "quarantine", ["status", "school"], unique=False
    )
    op.create_table(
        "wishes",
        sa.Column("season", sa.String(length=9), nullable=False),
        sa.Column("pseudonym", sa.String(length=32), nullable=False),
        sa.Column("rank", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kldb", sa.String(length=5), nullable=False),
        sa.CheckConstraint("rank >= 1", name=op.f("ck_wishes_rank")),
        sa.ForeignKeyConstraint(
            ["season", "pseudonym"],
            ["people.season", "people.pseudonym"],
            name=op.f("fk_wishes_season_pseudonym"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("season", "pseudonym", "rank", name=op.f("pk_wishes")),
    )
    op.create_table(
        "proposals",
        sa.Column("plan", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("pseudonym", sa.String(length=32), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("chance", sa.Float(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.CheckConstraint(
            "\"status\" IN ('proposed', 'sent', 'accepted', 'declined', 'contract', 'started', 'withdrawn')",
            name=op.f("ck_proposals_status"),
        ),
        sa.CheckConstraint("chance > 0 AND chance <= 1", name=op.f("ck_proposals_chance")),
        sa.ForeignKeyConstraint(["place"], ["places.id"], name=op.f("fk_proposals_place")),
        sa.ForeignKeyConstraint(["plan"], ["plans.id"], name=op.f("fk_proposals_plan")),
        sa.ForeignKeyConstraint(
            ["pseudonym"], ["pseudonyms.pseudonym"], name=op.f("fk_proposals_pseudonym")
        ),
        sa.PrimaryKeyConstraint("plan", "pseudonym", "place", name=op.f("pk_proposals")),
    )
    op.create_index(op.f("ix_proposals_place"), "proposals", ["place"], unique=False)
    op.create_index(op.f("ix_proposals_pseudonym"), "proposals", ["pseudonym"], unique=False)
    op.create_table(
        "proposal_history",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("plan", sa.Integer(), nullable=False),
        sa.Column("pseudonym", sa.String(length=32), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "\"status\" IN ('proposed', 'sent', 'accepted', 'declined', 'contract', 'started', 'withdrawn')",
            name=op.f("ck_proposal_history_status"),
        ),
        sa.CheckConstraint(
            "length(trim(\"by\", ' \t\r\n')) > 0", name=op.f("ck_proposal_history_by_said")
        ),
        sa.CheckConstraint(
            "length(trim(\"reason\", ' \t\r\n')) > 0", name=op.f("ck_proposal_history_reason_said")
        ),
        sa.ForeignKeyConstraint(
            ["plan", "pseudonym", "place"],
            ["proposals.plan", "proposals.pseudonym", "proposals.place"],
            name=op.f("fk_proposal_history_plan_pseudonym_place"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal_history")),
    )
    op.create_index(
        op.f("ix_proposal_history_plan_pseudonym_place"),
        "proposal_history",
        ["plan", "pseudonym", "place"],
        unique=False,
    )
    _make_append_only()


def downgrade() -> None:
    """Remove all of it; that the log refuses to be changed does not keep it from going."""
    op.drop_index(op.f("ix_proposal_history_plan_pseudonym_place"), table_name="proposal_history")
    op.drop_table("proposal_history")
    op.drop_index(op.f("ix_proposals_pseudonym"), table_name="proposals")
    op.drop_index(op.f("ix_proposals_place"), table_name="proposals")
    op.drop_table("proposals")
    op.drop_table("wishes")
    op.drop_index(op.f("ix_quarantine_status_school"), table_name="quarantine")
    op.drop_index(op.f("ix_quarantine_pseudonym"), table_name="quarantine")
    op.drop_index(op.f("ix_quarantine_import_id"), table_name="quarantine")
    op.drop_index(op.f("ix_quarantine_digest"), table_name="quarantine")
    op.drop_table("quarantine")
    op.drop_index(
        "uq_plans_one_active",
        table_name="plans",
        sqlite_where=sa.text("status = 'active'"),
        postgresql_where=sa.text("status = 'active'"),
    )
    op.drop_table("plans")
    op.drop_index(op.f("ix_outcomes_season"), table_name="outcomes")
    op.drop_index(op.f("ix_outcomes_pseudonym"), table_name="outcomes")
    op.drop_index(op.f("ix_outcomes_place"), table_name="outcomes")
    op.drop_table("outcomes")
    op.drop_index(op.f("ix_merges_kept"), table_name="merges")
    op.drop_table("merges")
    op.drop_table("marks")
    op.drop_index(op.f("ix_import_changes_record_key"), table_name="import_changes")
    op.drop_table("import_changes")
    op.drop_index(op.f("ix_duplicates_other"), table_name="duplicates")
    op.drop_table("duplicates")
    op.drop_index(op.f("ix_decisions_season"), table_name="decisions")
    op.drop_index(op.f("ix_decisions_pseudonym_place"), table_name="decisions")
    op.drop_index(op.f("ix_decisions_place"), table_name="decisions")
    op.drop_table("decisions")
    op.drop_index(op.f("ix_contacts_season"), table_name="contacts")
    op.drop_index(op.f("ix_contacts_pseudonym"), table_name="contacts")
    op.drop_index(op.f("ix_contacts_place"), table_name="contacts")
    op.drop_table("contacts")
    op.drop_table("user_roles")
    op.drop_index(op.f("ix_runs_season"), table_name="runs")
    op.drop_table("runs")
    op.drop_table("places")
    op.drop_index(op.f("ix_people_school_number"), table_name="people")
    op.drop_index(op.f("ix_people_pseudonym"), table_name="people")
    op.drop_table("people")
    op.drop_table("imports")
    op.drop_index(op.f("ix_identities_born"), table_name="identities")
    op.drop_table("identities")
    op.drop_table("figures")
    op.drop_table("consents")
    op.drop_table("users")
    op.drop_table("settings")
    op.drop_table("seasons")
    op.drop_table("schools")
    op.drop_table("pseudonyms")
    op.drop_table("mappings")
    op.drop_table("audit")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION audit_refuses()")


def _make_append_only() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER audit_no_{change.lower()} BEFORE {change} ON audit "
                f"BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION audit_refuses() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_REFUSED}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON audit "
        "FOR EACH ROW EXECUTE FUNCTION audit_refuses()"
    )
    op.execute(
        "CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_refuses()"
    )
