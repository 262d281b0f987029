"""What somebody typed and has not saved yet, and who objected to being matched by a program.

On PostgreSQL a school sees what is about its own pupils only, as of every other table.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_WALLED = ("drafts", "objections")

_SCHOOL = "NULLIF(current_setting('uebergang.school', true), '')"
_ALL = "current_setting('uebergang.school', true) = '*'"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "drafts",
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("season", sa.String(length=9), nullable=False),
        sa.Column("pseudonym", sa.String(length=32), nullable=False),
        sa.Column("form", sa.String(length=20), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["season"], ["seasons.season"], name=op.f("fk_drafts_season")),
        _of_person("drafts"),
        sa.PrimaryKeyConstraint("by", "season", "pseudonym", "form", name=op.f("pk_drafts")),
    )
    op.create_index(op.f("ix_drafts_pseudonym"), "drafts", ["pseudonym"], unique=False)
    op.create_table(
        "objections",
        sa.Column("pseudonym", sa.String(length=32), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        _of_person("objections"),
        sa.PrimaryKeyConstraint("pseudonym", name=op.f("pk_objections")),
    )
    if op.get_bind().dialect.name != "sqlite":
        for table in _WALLED:
            _wall(table)


def downgrade() -> None:
    """Drop the tables, and their walls with them."""
    for table in ("objections", "drafts"):
        op.drop_table(table)


def _of_person(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["pseudonym"], ["pseudonyms.pseudonym"], name=op.f(f"fk_{table}_pseudonym")
    )


def _wall(table: str) -> None:
    own = (
        f"EXISTS (SELECT 1 FROM people WHERE people.pseudonym = {table}.pseudonym "
        f"AND people.school = {_SCHOOL})"
    )
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY own_school ON {table} USING ({_ALL} OR {own}) WITH CHECK ({_ALL} OR {own})"
    )
