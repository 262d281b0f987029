"""How long does every page take? Asked by websocket, behind the gate, of a process of its own.

A page is opened, and worked with: a filter, a name, a person, a list that is handed in, a plan
that is drawn. Each is asked for once when nobody has asked before, and several times after.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from statistics import median

from benchmarks.front_people import draw
from benchmarks.front_served import served
from benchmarks.front_store import PASSWORD, Tell
from benchmarks.front_visitor import Answer, Broken, Visitor
from office.words import say

#: How often each is asked for once somebody has asked before.
ROUNDS = 5

#: Four people who between them see every page.
_WHO = ("planung1", "beratung1", "schule1", "verwaltung1")

_ROLES = {"planung": "planner", "beratung": "counselor", "schule": "school"}


@dataclass(frozen=True, slots=True)
class Figure:
    """What was asked for by whom, the seconds of the first time and of the later ones.

    `work` is what the server's processor spent on a later one, in seconds, and `size` what it sent.
    """

    who: str
    what: str
    cold: float
    warm: tuple[float, ...]
    work: float
    size: int

    @property
    def middle(self) -> float:
        """The middle of the later times."""
        return median(self.warm)


@dataclass(frozen=True, slots=True)
class Measured:
    """All that was asked of one store; `drawn` are the seconds of each new plan."""

    seekers: str
    figures: tuple[Figure, ...]
    drawn: tuple[float, ...]
    started: float
    memory: float
    faults: tuple[str, ...]


class _Walk:
    """Somebody's way through their pages, each step timed."""

    def __init__(self, visitor: Visitor, rounds: int, used: Callable[[], float]) -> None:
        self.visitor, self.rounds, self.used = visitor, rounds, used
        self.figures: list[Figure] = []
        self.faults: list[str] = []

    def step(self, what: str, ask: Callable[[], Answer], before: Callable[[], object]) -> None:
        """Ask, and ask again; `before` brings the page back each time and is not timed."""
        answers, work = [], []
        try:
            for _ in range(1 + self.rounds):
                before()
                begun = self.used()
                answers.append(ask())
                work.append(self.used() - begun)
        except Broken as broken:
            self.faults.append(f"{what}: {broken}")
            return
        self.faults += [f"{what}: {fault}" for one in answers for fault in one.faults]
        times = [one.seconds for one in answers]
        role = _ROLES.get(self.visitor.name.rstrip("0123456789"), "administrator")
        size = len(answers[-1].heard)
        later = tuple(times[1:])
        self.figures.append(Figure(role, what, times[0], later, median(work[1:]), size))

    def arrive(self) -> None:
        """Load the first page in a new window, which may be the first since the server is up."""
        self.step("a new window", self.visitor.arrive, self.visitor.close)

    def every_page(self) -> None:
        """Each page of the navigation."""
        for page, title in self.visitor.titles.items():
            self.step(f"“{title}”", partial(self.visitor.open, page), _nothing)


def _nothing() -> None:
    return None


def pages(store: str, seekers: str, rounds: int, draws: int, port: int, tell: Tell) -> Measured:
    """Everything there is to ask of a store, which is worked on."""
    figures: list[Figure] = []
    faults: list[str] = []
    drawn: list[float] = []
    with served(store, port) as at:
        for name in _WHO:
            tell(f"{seekers} seekers: the pages of {name}")
            with Visitor(at.home, name, PASSWORD) as visitor:
                visitor.sign_in()
                walk = _Walk(visitor, rounds, lambda: at.used)
                walk.arrive()
                walk.every_page()
                _MORE[name](walk)
                figures += walk.figures
                faults += walk.faults
                if name.startswith("planung"):
                    try:
                        drawn += _drawn(visitor, draws)
                    except Broken as broken:
                        faults.append(f"a new plan: {broken}")
        return Measured(
            seekers, tuple(figures), tuple(drawn), at.started, at.memory, (*faults, *at.faults)
        )


# What there is to do on a page -------------------------------------------------------------------


def _planner(walk: _Walk) -> None:
    visitor = walk.visitor

    def target() -> Answer:
        return visitor.open("")

    walk.step("the target by municipality", lambda: visitor.choose("dimension", 1), target)


def _counselor(walk: _Walk) -> None:
    visitor = walk.visitor

    def mine() -> Answer:
        return visitor.open("")

    def person() -> None:
        mine()
        visitor.press(visitor.first("open_"))

    def nobodys() -> None:
        mine()
        visitor.choose("whose", 1)

    walk.step("cases that nobody has", lambda: visitor.choose("whose", 1), mine)
    walk.step("a name among them", lambda: visitor.type("words", "mann"), nobodys)
    walk.step("one person", lambda: visitor.press(visitor.first("open_")), mine)
    walk.step("another place of theirs", lambda: visitor.choose(visitor.first("place_"), 3), person)
    cost = say("What would it cost?", "de")
    walk.step("what a decision would cost", lambda: visitor.press(cost), person)


def _school(walk: _Walk) -> None:
    visitor = walk.visitor

    def roll() -> Answer:
        return visitor.open("schueler")

    def back() -> None:
        roll()
        if visitor.keys("back_to_roll"):
            visitor.press("back_to_roll")

    walk.step("pupils by name", lambda: visitor.type("search", "S"), back)
    walk.step("one pupil", lambda: visitor.choose(visitor.first("open_"), 0), back)
    back()

    def upload() -> Answer:
        return visitor.upload(visitor.first("upload_"), "liste.csv", late_list())

    def begin() -> None:
        visitor.open("")
        if visitor.keys("drop_draft"):
            visitor.press("drop_draft")

    walk.step("a list looked at", upload, begin)


def _administrator(walk: _Walk) -> None:
    """Its pages are all there is."""


_MORE = {
    "planung1": _planner,
    "beratung1": _counselor,
    "schule1": _school,
    "verwaltung1": _administrator,
}


def _drawn(visitor: Visitor, draws: int) -> Iterator[float]:
    """A new plan, from the click to the words that it is there."""
    for _ in range(draws):
        visitor.open("plaene")
        yield draw(visitor).seconds


def late_list(rows: int = 5, school: str = "999001") -> bytes:
    """A small list of late joiners."""
    lines = ["Schul-Nummer;Interne ID-Nummer;Nachname;Vorname;Geburtsdatum;Postleitzahl;Hinweis"]
    for row in range(rows):
        lines.append(f"{school};{70_000 + row};Spaet{row};Kim;0{row + 1}.03.2010;33330;erfunden")
    return "\n".join(lines).encode()
