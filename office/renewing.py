"""Who waits while something is reckoned anew? Nobody who can be shown the state before.

What is reckoned belongs to a mark of the store. Whoever needs the present state waits for it
(`present`); whoever reads is shown the last one (`shown`), while one thread renews it. Where a
renewal fails, nothing older is shown of that state any more: the next reader reckons, waits, and
hears what is wrong.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Lock, Thread
from time import monotonic, sleep
from traceback import extract_tb
from typing import Generic, TypeVar

from matching.errors import UebergangError

T = TypeVar("T")

#: What it is of: the store, and what tells it from others there.
Key = tuple[str, ...]

_LOG = logging.getLogger("uebergang.renewing")

#: A season of so few people is reckoned within a fraction of a second: readers wait for that.
FEW = 300

#: Seconds of rest that are enough, however long a reckoning took.
LONGEST_REST = 10.0

#: One renewal at a time in this process: readers keep the rest of the machine.
_ONE = Lock()


def rest(took: float) -> float:
    """How long to rest after so many seconds of reckoning: four times as long, up to ten seconds.

    A long one rests as long as it took. Measured with twenty people at work: resting as long as it
    took, renewals had half of the processor.
    """
    return max(took, min(4 * took, LONGEST_REST))


class Last(Generic[T]):
    """The last few answers, for all who may ask: no name is in them."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, T] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable, think: Callable[[], T]) -> T:
        """The answer, thought out once; others who ask meanwhile wait for it."""
        with self._lock:
            if key not in self._kept:
                self._kept[key] = think()
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
            return self._kept[key]


@dataclass(frozen=True, slots=True)
class Shown(Generic[T]):
    """What is shown: of the present state, unless it is `older`; `at` it was read in the store."""

    value: T
    at: datetime
    older: bool = False

    @property
    def as_of(self) -> datetime | None:
        """The moment that must be told beside it; `None` where it is of the present state."""
        return self.at if self.older else None


@dataclass(frozen=True, slots=True)
class _Kept(Generic[T]):
    value: T
    mark: Hashable
    at: datetime


class Renewed(Generic[T]):
    """The last state of each key, `most` keys at once.

    A value knows its mark (`mark_of`) and of how many people it tells (`size_of`); of `FEW` nothing
    older is ever shown.

    After a renewal some time passes before the next one begins (`rest`), so that a store that
    changes all the time leaves most of the time to those who read.
    """

    def __init__(
        self, most: int, mark_of: Callable[[T], Hashable], size_of: Callable[[T], int]
    ) -> None:
        self._most, self._mark_of, self._size_of = most, mark_of, size_of
        self._kept: OrderedDict[Key, _Kept[T]] = OrderedDict()
        self._locks: dict[Key, Lock] = {}
        self._threads: dict[Key, Thread] = {}
        self._failed: dict[Key, Hashable] = {}
        self._rests_until: dict[Key, float] = {}
        self._closing: set[str] = set()
        self._door = Lock()

    def known(self, key: Key, mark: Hashable) -> T | None:
        """The value of this very state, if it was reckoned."""
        kept = self._kept.get(key)
        return None if kept is None or kept.mark != mark else kept.value

    def present(self, key: Key, mark: Hashable, make: Callable[[], T]) -> T:
        """The value of this state; whoever asks while it is made waits for it. Raises as `make`."""
        with self._lock(key):
            known = self.known(key, mark)
            return known if known is not None else self._make(key, make)

    def shown(self, key: Key, mark: Hashable, make: Callable[[], T]) -> Shown[T]:
        """The last value there is, renewed beside its readers; made as `present` where none is.

        `make` of the thread must not belong to a reader who may be gone.
        """
        last = self.glimpse(key, mark, make)
        if last is not None:
            return last
        value = self.present(key, mark, make)
        return Shown(value, datetime.now(UTC))

    def glimpse(self, key: Key, mark: Hashable, make: Callable[[], T]) -> Shown[T] | None:
        """The same without ever waiting: `None` where there is none to be shown."""
        kept = self._kept.get(key)
        if kept is None:
            return None
        if kept.mark == mark:
            return Shown(kept.value, kept.at)
        if self._failed.get(key) == mark or self._size_of(kept.value) <= FEW:
            return None
        self._renew(key, mark, make)
        return Shown(kept.value, kept.at, older=True)

    def keep(self, key: Key, value: T, at: datetime | None = None) -> T:
        """Keep a value in place of the last one, unless that was read later."""
        with self._door:
            at = at or datetime.now(UTC)
            last = self._kept.get(key)
            if last is None or last.at <= at:
                self._kept[key] = _Kept(value, self._mark_of(value), at)
                self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return value

    def finish(self, store: str) -> None:
        """Wait for what is being renewed of a store that is about to be closed; begin no more."""
        with self._door:
            going = [one for key, one in self._threads.items() if key[0] == store]
            self._closing.add(store)
        for one in going:
            one.join()
        with self._door:
            self._closing.discard(store)

    def _lock(self, key: Key) -> Lock:
        with self._door:
            return self._locks.setdefault(key, Lock())

    def _make(self, key: Key, make: Callable[[], T]) -> T:
        at = datetime.now(UTC)
        value = make()
        self._failed.pop(key, None)
        return self.keep(key, value, at)

    def _renew(self, key: Key, mark: Hashable, make: Callable[[], T]) -> None:
        with self._door:
            if key not in self._threads:
                thread = Thread(target=self._do, args=(key, mark, make), daemon=True)
                self._threads[key] = thread
                thread.start()

    def _do(self, key: Key, mark: Hashable, make: Callable[[], T]) -> None:
        try:
            while (left := self._rests_until.get(key, 0.0) - monotonic()) > 0:
                if key[0] in self._closing:
                    return
                sleep(min(left, 0.1))
            # In this order: who waits for the key alone never waits for another one's renewal.
            with _ONE, self._lock(key):
                if self.known(key, mark) is None:
                    began = monotonic()
                    self._make(key, make)
                    self._rests_until[key] = monotonic() + rest(monotonic() - began)
        except Exception as error:
            self._failed[key] = mark
            _log(error)
        finally:
            with self._door:
                del self._threads[key]


def _log(error: Exception) -> None:
    """What kind of error it was and where; what it says of itself may quote a person's data."""
    frames = extract_tb(error.__traceback__)
    where = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""
    level = logging.WARNING if isinstance(error, UebergangError) else logging.ERROR
    _LOG.log(level, "renewal failed: %s at %s", type(error).__name__, where)
