"""Learned models of chances that were taken in, and which of them gives the chances when.

Neither table's rows are ever changed or deleted: the database itself refuses it. No row is about a
person, so that no wall goes through them.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_TABLES = ("chance_models", "model_switches")


def upgrade() -> None:
    """Make the tables and their guards."""
    op.create_table(
        "chance_models",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("made", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("invented", sa.Boolean(), nullable=False),
        sa.Column("card", sa.JSON(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chance_models")),
        sa.UniqueConstraint("hash", name=op.f("uq_chance_models_hash")),
    )
    op.create_table(
        "model_switches",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("to", sa.String(length=12), nullable=False),
        sa.Column("model", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "\"to\" IN ('model', 'scorecard', 'manual_on', 'manual_off')",
            name=op.f("ck_model_switches_to"),
        ),
        sa.CheckConstraint(
            "(\"to\" = 'model') = (model IS NOT NULL)", name=op.f("ck_model_switches_named")
        ),
        sa.CheckConstraint(
            "length(trim(\"reason\", ' \t\r\n')) > 0", name=op.f("ck_model_switches_reason_said")
        ),
        sa.ForeignKeyConstraint(
            ["model"], ["chance_models.id"], name=op.f("fk_model_switches_model")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_model_switches")),
    )
    for table in _TABLES:
        _keep_for_good(table)


def downgrade() -> None:
    """Drop the tables, and their guards with them."""
    for table in reversed(_TABLES):
        op.drop_table(table)
        if op.get_bind().dialect.name != "sqlite":
            op.execute(f"DROP FUNCTION {table}_stay()")


def _keep_for_good(table: str) -> None:
    words = f"{table} is append-only"
    if op.get_bind().dialect.name == "sqlite":
        for what in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{what.lower()} BEFORE {what} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{words}'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {table}_stay() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{words}'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_stay BEFORE UPDATE OR DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {table}_stay()"
    )
