"""When was it written down? The clock of the store, which tells the present, or an invented day.

Plans, runs, imports, proposals and rulings carry its moment. The log does not ask it: a row of the
log says when it was really written, whatever season is being invented.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_invented: ContextVar[Callable[[], datetime] | None] = ContextVar("invented", default=None)


def present() -> datetime:
    """Now, or what an invented clock shows (`told_by`)."""
    clock = _invented.get()
    return datetime.now(UTC) if clock is None else clock()


@contextmanager
def told_by(clock: Callable[[], datetime]) -> Iterator[None]:
    """Let another clock tell the moments of what is written within the block, in this thread.

    Only for a store in which everything is invented.
    """
    before = _invented.set(clock)
    try:
        yield
    finally:
        _invented.reset(before)
