"""Who looks after whom: cases, counselors' own judgements, and when they are shown chances.

On PostgreSQL a school sees what is about its own pupils only, as of every other table.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_WALLED = ("cases", "judgements")

_SCHOOL = "NULLIF(current_setting('uebergang.school', true), '')"
_ALL = "current_setting('uebergang.school', true) = '*'"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "cases",
        *_of_person("cases"),
        sa.Column("counselor", sa.String(length=80), nullable=True),
        sa.Column("contact_again", sa.Date(), nullable=True),
        sa.Column("agreed_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("season", "pseudonym", name=op.f("pk_cases")),
    )
    op.create_table(
        "judgements",
        *_of_person("judgements"),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("fit", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.CheckConstraint("fit BETWEEN 1 AND 4", name=op.f("ck_judgements_fit")),
        sa.ForeignKeyConstraint(["place"], ["places.id"], name=op.f("fk_judgements_place")),
        sa.PrimaryKeyConstraint("season", "pseudonym", "place", "by", name=op.f("pk_judgements")),
    )
    op.create_table(
        "counselors",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("scores", sa.String(length=10), nullable=False),
        sa.CheckConstraint(
            "\"scores\" IN ('shown', 'after', 'off')", name=op.f("ck_counselors_scores")
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counselors")),
    )
    for table, column in (
        ("cases", "pseudonym"),
        ("cases", "counselor"),
        ("judgements", "pseudonym"),
        ("judgements", "place"),
    ):
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column], unique=False)
    if op.get_bind().dialect.name != "sqlite":
        for table in _WALLED:
            _wall(table)


def downgrade() -> None:
    """Drop the tables, and their walls with them."""
    for table in ("counselors", "judgements", "cases"):
        op.drop_table(table)


def _of_person(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("season", sa.String(length=9), nullable=False),
        sa.Column("pseudonym", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["season"], ["seasons.season"], name=op.f(f"fk_{table}_season")),
        sa.ForeignKeyConstraint(
            ["pseudonym"], ["pseudonyms.pseudonym"], name=op.f(f"fk_{table}_pseudonym")
        ),
    ]


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
