"""When is a season read anew? After every change of it, and not after somebody only looked."""

from __future__ import annotations

import pytest

from data.store.audit import append
from data.store.opening import Store
from data.store.progress import mark

CHANGES = (
    "import.pupils",
    "import.undo",
    "contact.record",
    "proposal.move",
    "plan.activate",
    "decision.pin",
    "basis.withdraw",
    "person.forget",
    "person.object",
    "duplicate.same",
    "schools.name",
    "retention.run",
    "something.new",
)
LOOKS = (
    "session.begin",
    "show.names.counseling",
    "preview.names",
    "export.names.counseling",
    "case.take",
    "letter.write",
    "person.judge",
    "user.add",
)


def marks(store: Store, action: str) -> tuple[int, int]:
    """The mark before and after a row of the log."""
    before = mark(store)
    with store.transaction() as connection:
        append(connection, "meier", action, "season 2026/27")
    return before, mark(store)


@pytest.mark.parametrize("action", CHANGES)
def test_every_change_gives_another_mark(store: Store, action: str) -> None:
    """Also one that nobody thought of here: a figure that is not up to date misleads."""
    before, after = marks(store, action)
    assert after > before


@pytest.mark.parametrize("action", LOOKS)
def test_whoever_only_looks_leaves_the_mark(store: Store, action: str) -> None:
    """Else the planner's page would read 30,000 people anew whenever anybody opens a file."""
    marks(store, "import.pupils")
    before, after = marks(store, action)
    assert after == before
