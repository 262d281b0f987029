"""How do the tables change from one version to the next? Alembic, configured in code.

Each file in `versions` is one step and is never edited once released. Opening a store takes the
steps (`data.store.opening`); `script()` is there for tests and for whoever writes the next step.
"""

from __future__ import annotations

from pathlib import Path

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext, RevisionStep
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection

from data.store.tables import metadata


def script() -> ScriptDirectory:
    """All steps, oldest to newest."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return ScriptDirectory.from_config(config)


def newest_revision() -> str:
    """The revision that this version of the product works with."""
    head = script().get_current_head()
    assert head is not None
    return head


def knows(revision: str) -> bool:
    """Whether this version of the product has ever heard of a revision."""
    try:
        script().get_revision(revision)
    except CommandError:
        return False
    return True


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Take the steps up to a revision inside the caller's transaction."""
    steps = script()

    def pending(current: object, _context: MigrationContext) -> list[RevisionStep]:
        return steps._upgrade_revs(revision, current)  # type: ignore[arg-type]

    _run(connection, steps, pending)


def downgrade(connection: Connection, revision: str = "base") -> None:
    """Take the steps back to a revision inside the caller's transaction."""
    steps = script()

    def pending(current: object, _context: MigrationContext) -> list[RevisionStep]:
        return steps._downgrade_revs(revision, current)  # type: ignore[arg-type]

    _run(connection, steps, pending)


def _run(connection: Connection, steps: ScriptDirectory, pending: object) -> None:
    context = EnvironmentContext(Config(), steps, fn=pending)
    with context:
        context.configure(connection=connection, target_metadata=metadata, fn=pending)
        context.run_migrations()
