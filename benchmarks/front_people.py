"""What do twenty people at once get to feel, and does anybody see another's data?

Each is a thread with a window of their own and a script of about fifteen steps, with one to three
seconds of thought between them, once somebody of each role has looked in: eight at schools, eight
counselors, two planners of whom one draws a plan, an administrator, and one who goes in and out.
Every name in every answer is held against who may read it.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from threading import Lock, Thread

from benchmarks.front_served import PORT, served
from benchmarks.front_store import (
    MARK,
    PASSWORD,
    Reader,
    Whose,
    mark_of,
    readers,
    whose,
)
from benchmarks.front_visitor import Answer, Broken, Visitor, until
from data.sample.names import names
from office.access import Role
from office.words import say

#: Seconds of thought between two steps.
THINK = (1.0, 3.0)

#: Seconds within which all of them come.
ARRIVE = 15.0

#: Marks of those whom the schools hand in meanwhile; the store's own are far below.
_LATE = 400_000

#: Late joiners on a list, and what their numbers at school begin with.
_ROWS, _NUMBER = 4, "7000"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of somebody: its kind, its seconds, and what went wrong if anything did."""

    who: str
    kind: str
    seconds: float
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Sight:
    """A name in an answer: who read it in which step, who was meant, and when it was asked for."""

    reader: Reader
    kind: str
    mark: str
    asked: float


@dataclass(slots=True)
class Day:
    """What happened: every step, every name that was read, and who took whom over and when.

    `known` holds everybody by their mark, as they were in the morning.
    """

    known: dict[str, Whose]
    steps: list[Step] = field(default_factory=list)
    sights: list[Sight] = field(default_factory=list)
    taken: dict[str, tuple[str, float]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)
    took: float = 0.0
    work: float = 0.0
    memory: float = 0.0
    faults: tuple[str, ...] = ()

    def note(self, step: Step) -> None:
        """Keep a step."""
        with self.lock:
            self.steps.append(step)

    def look(self, reader: Reader, kind: str, answer: Answer) -> None:
        """Keep every name of an answer."""
        found = sorted({one.decode() for one in MARK.findall(answer.heard)})
        with self.lock:
            self.sights += (Sight(reader, kind, mark, answer.began) for mark in found)

    def leaks(self) -> list[str]:
        """Every name that somebody read who may not, and every window that outlived its session."""
        found = (
            f"{one.reader.name} read {one.mark} ({one.kind})"
            for one in self.sights
            if not self.may(one)
        )
        return [*self.wrong, *found]

    def may(self, sight: Sight) -> bool:
        """Whether somebody may read a person's name, who asked at that moment."""
        person = self.known.get(sight.mark)
        if person is None:
            return False
        if sight.reader.role is Role.SCHOOL:
            return sight.reader.school == person.school
        if sight.reader.role is Role.COUNSELOR:
            by, since = self.taken.get(person.head, ("", 0.0))
            holder = by if by and sight.asked > since else person.counselor
            return holder in {None, sight.reader.name}
        return False

    def of(self, kind: str | None = None) -> list[float]:
        """The seconds of all steps that worked, or of those of a kind, the shortest first."""
        return sorted(
            one.seconds for one in self.steps if kind in {None, one.kind} and not one.fault
        )

    @property
    def errors(self) -> list[str]:
        """Every step that did not work, and what the server says of errors."""
        steps = (f"{one.who}, {one.kind}: {one.fault}" for one in self.steps if one.fault)
        return [*steps, *self.faults]


def share_within(times: Sequence[float], share: float) -> float:
    """So many seconds at most took that share of the steps."""
    return times[min(len(times) - 1, int(share * len(times)))]


@dataclass(slots=True)
class Work:
    """Somebody's day: each step after some thought, timed and looked at."""

    reader: Reader
    day: Day
    visitor: Visitor
    dice: random.Random
    think: tuple[float, float] = THINK
    within: float = ARRIVE

    def go(self, script: Callable[[Work], None]) -> None:
        """Follow the script to its end, or to the first step that fails."""
        time.sleep(self.dice.uniform(0, self.within))
        try:
            with self.visitor:
                script(self)
        except Exception as error:
            # Whatever it is, it is told; the others go on.
            self._broken("the whole", error)

    def do(self, kind: str, ask: Callable[[], Answer]) -> None:
        """One step; where the page lacks what it needs, that is told, and the day goes on."""
        try:
            answer = ask()
        except Broken as broken:
            self._broken(kind, broken)
            return
        fault = "; ".join(answer.faults)
        self.day.note(Step(self.reader.name, kind, answer.seconds, fault))
        self.day.look(self.reader, kind, answer)
        time.sleep(self.dice.uniform(*self.think))

    def _broken(self, kind: str, error: Exception) -> None:
        self.day.note(Step(self.reader.name, kind, 0.0, f"{type(error).__name__}: {error}"))

    def enter(self) -> None:
        """Sign in and load the first page."""
        seconds = self.visitor.sign_in()
        self.day.note(Step(self.reader.name, "sign in", seconds))
        self.do("load the first page", self.visitor.arrive)

    def open(self, page: str) -> None:
        """Go to a page."""
        self.do("open a page", lambda: self.visitor.open(page))


# What each does ----------------------------------------------------------------------------------


def school(work: Work) -> None:
    """Look for pupils, hand in a small list, confirm it, and find the new ones."""
    visitor = work.visitor
    work.enter()
    work.open("schueler")
    work.do("filter", lambda: visitor.type("search", "S"))
    for number in range(2):
        work.do("open a person", partial(_pupil, visitor, number))
        work.do("open a page", lambda: visitor.press("back_to_roll"))
    work.open("hilfe")
    work.open("")
    content = _late_list(work)
    work.do("look at a list", partial(_upload, visitor, content))
    work.do("correct a list", lambda: visitor.tick("complete", on=False))
    work.do("confirm a list", lambda: visitor.press("confirm"))
    work.open("schueler")
    work.do("filter", lambda: visitor.type("search", _NUMBER))
    work.do("open a person", partial(_pupil, visitor, 0))
    work.open("")


def _pupil(visitor: Visitor, number: int) -> Answer:
    return visitor.choose(visitor.first("open_"), number)


def _upload(visitor: Visitor, content: bytes) -> Answer:
    return visitor.upload(visitor.first("upload_"), "nachtrag.csv", content)


def _late_list(work: Work) -> bytes:
    """Late joiners of one's own school; from now on they are known."""
    number = work.reader.school or ""
    first = _LATE + 100 * int(number[-3:])
    lines = ["Schul-Nummer;Interne ID-Nummer;Nachname;Vorname;Geburtsdatum;Postleitzahl;Wunsch 1"]
    for row in range(_ROWS):
        mark = mark_of(first + row)
        with work.day.lock:
            work.day.known[mark[2:]] = Whose(number, None, mark)
        # As unlike each other as people are, so that no list bears on what another would do.
        surname, given = (work.dice.choice(names(kind)) for kind in ("surname", "first name"))
        born = f"{work.dice.randint(1, 28):02d}.{work.dice.randint(1, 12):02d}.2010"
        cells = (number, f"{_NUMBER}{row}", f"{surname} {mark}", given, born, "33330")
        lines.append(";".join((*cells, "Tischler/in")))
    return "\n".join(lines).encode()


def counselor(work: Work) -> None:
    """Look after some people, write down an answer, ask for a price, take somebody over."""
    visitor = work.visitor
    work.enter()
    for case in range(2):
        work.do("open a person", partial(_case, visitor, case))
        work.do("write down an answer", lambda: visitor.press(say("Write down", "de")))
        if case == 0:
            work.do("another place", lambda: visitor.choose(visitor.first("place_"), 2))
            work.do("what it would cost", lambda: visitor.press(say("What would it cost?", "de")))
        work.open("")
    work.do("filter", lambda: visitor.choose("whose", 1))
    work.do("filter", lambda: visitor.type("words", work.dice.choice("abdefhklmnrst")))
    work.do("take over a case", partial(_take, work))
    work.do("filter", lambda: visitor.type("words", ""))
    work.open("betriebe")
    work.open("")


def _case(visitor: Visitor, number: int) -> Answer:
    return visitor.press(visitor.first("open_", number))


def _take(work: Work) -> Answer:
    """Take over somebody whom nobody looks after; from then on nobody else may read their name."""
    visitor = work.visitor
    key = work.dice.choice(visitor.keys("take_") or ["take_"])
    answer = visitor.press(key)
    if not visitor.warns():
        with work.day.lock:
            work.day.taken[key.removeprefix("take_")] = work.reader.name, time.perf_counter()
    return answer


def planner(work: Work) -> None:
    """Watch the target from all sides, and look at plans."""
    visitor = work.visitor
    work.enter()
    for dimension in (1, 2, 0):
        work.do("filter", partial(visitor.choose, "dimension", dimension))
    work.open("plaene")
    if work.reader.name.endswith("1"):
        work.do("draw a plan", lambda: draw(visitor))
    work.open("veroeffentlichen")
    work.open("")
    for page in list(visitor.pages) * 2:
        work.open(page)


def draw(visitor: Visitor) -> Answer:
    """Draw a plan, and watch it until it is there."""
    if visitor.keys("hide"):
        visitor.press("hide")
    first = visitor.press("draw")
    answers = [first, *until(visitor, lambda: bool(visitor.keys("hide")))]
    took = answers[-1].began + answers[-1].seconds - first.began
    faults = tuple(fault for one in answers for fault in one.faults)
    return Answer(took, first.began, b"".join(one.heard for one in answers), faults)


def administrator(work: Work) -> None:
    """Go through all pages, twice."""
    work.enter()
    for page in list(work.visitor.pages) * 3:
        work.open(page)


def in_and_out(work: Work) -> None:
    """Sign in, look, sign out, three times; the window left open must say no more."""
    visitor = work.visitor
    for _ in range(3):
        work.enter()
        work.do("open a person", partial(_case, visitor, 0))
        work.open("betriebe")
        began = time.perf_counter()
        visitor.sign_out()
        work.day.note(Step(work.reader.name, "sign out", time.perf_counter() - began))
        if not visitor.is_shut_out():
            work.day.wrong.append(f"{work.reader.name} is signed out and still reads")
        visitor.close()


def crowd() -> list[tuple[Reader, Callable[[Work], None]]]:
    """The twenty, each with their script."""
    everybody = readers()
    counselors = [one for one in everybody if one.role is Role.COUNSELOR]
    scripts = {Role.SCHOOL: school, Role.PLANNER: planner, Role.ADMIN: administrator}
    return [
        *((one, scripts[one.role]) for one in everybody if one.role in scripts),
        *((one, counselor) for one in counselors[:-1]),
        (counselors[-1], in_and_out),
    ]


def at_once(
    store: str,
    port: int = PORT,
    think: tuple[float, float] = THINK,
    within: float = ARRIVE,
    people: Sequence[tuple[Reader, Callable[[Work], None]]] | None = None,
) -> Day:
    """All of them at work on a store, which changes by it; first somebody of each role looks in."""
    day = Day(whose(store))
    everybody = crowd() if people is None else people
    with served(store, port) as at:
        for one in {reader.role: reader for reader, _ in everybody}.values():
            with Visitor(at.home, one.name, PASSWORD) as first:
                first.sign_in()
                first.arrive()
        works = [
            (
                Work(
                    one,
                    day,
                    Visitor(at.home, one.name, PASSWORD),
                    random.Random(n),
                    think,
                    within,
                ),
                script,
            )
            for n, (one, script) in enumerate(everybody)
        ]
        threads = [Thread(target=work.go, args=(script,), daemon=True) for work, script in works]
        began, before = time.perf_counter(), at.used
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        day.took, day.work = time.perf_counter() - began, at.used - before
        day.memory, day.faults = at.memory, tuple(at.faults)
    return day
