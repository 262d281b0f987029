"""What takes long, and how far has it come? One work of a kind at a time, told by its steps.

It goes on when the page that asked for it is closed or loaded again, and everybody who may look
sees the same. Stopping breaks the reckoning off within a step, wherever it is between two calls
into the solver or into numpy; what reads or writes the store is never broken off. Once it is
stopped, nothing is kept.
"""

from __future__ import annotations

import ctypes
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from threading import Event, Lock, Thread
from time import monotonic
from typing import Generic, Literal, TypeVar

from matching.errors import UebergangError
from office.drawing import Progress

T = TypeVar("T")

State = Literal["running", "done", "stopped", "refused", "broken"]

#: Which work it is: the store, and what tells it from others there.
Key = tuple[str, str]


#: How many works of a sort that have ended are told of.
MOST_ENDED = 10

#: Steps that read or write the store: these are let end.
_OF_STORE = frozenset({"read", "keep"})


class Stopped(Exception):
    """Somebody asked to stop."""


@dataclass(frozen=True, slots=True)
class LongWork(Generic[T]):
    """How far a work has come; `number` counts within a step, `estimate` is in seconds."""

    by: str
    state: State
    step: str
    number: int
    seconds: float
    estimate: float
    kept: T | None = None
    refusal: UebergangError | None = None

    @property
    def part(self) -> float:
        """About how much of it is done, from 0 to 1; never 1 while it is going on."""
        if self.state != "running":
            return 1.0
        return min(0.97, self.seconds / self.estimate) if self.estimate > 0 else 0.0


@dataclass(slots=True)
class _Running(Generic[T]):
    work: LongWork[T]
    began: float
    stop: Event = field(default_factory=Event)
    thread: Thread | None = None

    def break_off(self) -> None:
        """Raise `Stopped` in the thread that reckons; at most once, and only while it reckons."""
        if not self.stop.is_set() and self.thread is not None and self.work.step not in _OF_STORE:
            _raise_in(self.thread, Stopped)
        self.stop.set()


class LongWorks(Generic[T]):
    """The works of one sort in this process, the last of each key.

    Of those that have ended, only the last few are told of: what they kept may be large.
    `seconds_each` is about how long one thing takes, where none was done here before.
    """

    def __init__(self, seconds_each: float) -> None:
        self._each = seconds_each
        self._all: OrderedDict[Key, _Running[T]] = OrderedDict()
        self._took: OrderedDict[Key, float] = OrderedDict()
        self._lock = Lock()

    def start(self, key: Key, by: str, size: int, do: Callable[[Progress], T]) -> LongWork[T]:
        """Begin, unless somebody's work of that key goes on already; then that one is told."""
        with self._lock:
            known = self._all.get(key)
            if known is None or known.work.state != "running":
                estimate = self._took.get(key, max(1.0, size * self._each))
                work: LongWork[T] = LongWork(by, "running", "read", 0, 0.0, estimate)
                known = self._all[key] = _Running(work, monotonic())
                known.thread = Thread(target=self._do, args=(key, known, do), daemon=True)
                known.thread.start()
            return known.work

    def look(self, key: Key) -> LongWork[T] | None:
        """How far it has come, or how it ended."""
        with self._lock:
            known = self._all.get(key)
            if known is None:
                return None
            if known.work.state != "running":
                return known.work
            return replace(known.work, seconds=monotonic() - known.began)

    def stop(self, key: Key) -> None:
        """Have it stopped at once, or as soon as the store is read."""
        with self._lock:
            if key in self._all and self._all[key].work.state == "running":
                self._all[key].break_off()

    def forget(self, key: Key) -> None:
        """Tell no longer of a work that has ended."""
        with self._lock:
            known = self._all.get(key)
            if known is not None and known.work.state != "running":
                del self._all[key]

    def _do(self, key: Key, running: _Running[T], do: Callable[[Progress], T]) -> None:
        def tell(step: str, number: int) -> None:
            with self._lock:
                # With "keep" nothing is kept yet; after it there is nothing left to stop.
                if running.stop.is_set() and running.work.step != "keep":
                    raise Stopped
                running.work = replace(running.work, step=step, number=number)

        kept: T | None = None
        refusal: UebergangError | None = None
        state: State = "broken"
        try:
            try:
                kept, state = do(tell), "done"
            finally:
                self._over(running)
        except Stopped:
            state = "stopped"
        except UebergangError as error:
            refusal, state = error, "refused"
        finally:
            with self._lock:
                took = monotonic() - running.began
                if state == "done":
                    self._took[key] = took
                    self._took.move_to_end(key)
                    while len(self._took) > MOST_ENDED:
                        self._took.popitem(last=False)
                running.work = replace(
                    running.work, state=state, seconds=took, kept=kept, refusal=refusal
                )
                self._all.move_to_end(key)
                self._let_go()

    def _let_go(self) -> None:
        """Tell of the last few that have ended alone; whatever goes on stays."""
        ended = [key for key, one in self._all.items() if one.work.state != "running"]
        for key in ended[:-MOST_ENDED]:
            del self._all[key]

    def _over(self, running: _Running[T]) -> None:
        """From here on nothing is broken off any more."""
        with self._lock:
            if running.thread is not None:
                _raise_in(running.thread, None)
            running.thread = None


def _raise_in(thread: Thread, error: type[Exception] | None) -> None:
    """Raise an error in another thread as soon as it is back in Python; `None` takes that back."""
    if thread.ident is not None:
        told = None if error is None else ctypes.py_object(error)
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), told)
