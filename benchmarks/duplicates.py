"""How well, and how fast, is the same person found on two lists?

    python -m benchmarks.duplicates [PEOPLE] [SEEDS]
    python -m benchmarks.duplicates --json PEOPLE SEED

Two lists of PEOPLE each, all invented: what a district has on record, and what the schools send.
Some are on both, some are sent twice, and each time a list did something to them: slips, swapped
names, umlauts, missing cells, a move. Among them are strangers who are hard to tell apart: twins
(some called Jan and Jana), siblings, namesakes born on the same day, and everybody whose
birth date is put down as 1 January. The truth is known, so the answers can be counted:

    precision    of the pairs taken for sure (all pairs among one person's records), how many are
    recall       of the pairs that are one person, how many are found, sure or doubtful
    doubtful     of the pairs offered for a decision, how many are one person
"""

from __future__ import annotations

import json
import random
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import combinations
from typing import Any

from rapidfuzz.distance import JaroWinkler

from benchmarks.measure import peak_memory
from data.intake.duplicates import Doubles, Identity, find_duplicates
from data.reference.postcodes import DISTRICT, municipalities
from data.sample.names import names

_LETTERS = "abcdefghijklmnoprstuvwz"
_UMLAUTS = {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"}
_BARE = str.maketrans({letter: pair[0] for letter, pair in _UMLAUTS.items()})
_FIRST_DAY = date(2006, 7, 1)
_DAYS = 4 * 365


@dataclass(frozen=True, slots=True)
class MadeSet:
    """Two lists with their truth: whose record each key is, and what was done to it."""

    people: tuple[Identity, ...]
    known: tuple[Identity, ...]
    owner: dict[str, int]
    done: dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Score:
    """What came of one made set; the pairs that are one person by what was done to them."""

    sure: int
    sure_right: int
    offered: int
    offered_right: int
    true: int
    found: int
    found_sure: int
    by_kind: dict[str, tuple[int, int, int]]

    @property
    def precision(self) -> float:
        """Of the pairs taken for sure, the share that is one person."""
        return self.sure_right / max(self.sure, 1)

    @property
    def recall(self) -> float:
        """Of the pairs that are one person, the share that is found."""
        return self.found / max(self.true, 1)


# An invented population -------------------------------------------------------------------------


class Town:
    """Names and addresses to draw from; the common ones come often, as they do."""

    def __init__(self, dice: random.Random, size: int) -> None:
        self.dice = dice
        rare = [
            begin + end
            for begin in (
                *names("firm beginning"),
                "Bor",
                "Dres",
                "Gers",
                "Höt",
                "Kün",
                "Lütke",
                "Pött",
            )
            for end in (
                *names("firm ending"),
                "mann",
                "meier",
                "ing",
                "haus",
                "berg",
                "öwer",
                "ert",
            )
        ]
        self.common, self.rare = names("surname"), rare
        self.weights = [1 / (rank + 3) for rank in range(len(self.common))]
        self.first = dice.sample(names("first name"), len(names("first name")))
        self.first_weights = [1 / (rank + 8) for rank in range(len(self.first))]
        # About 1,500 people a postcode, as in the district of 16.
        codes = sorted({place.postcode for place in municipalities() if place.district == DISTRICT})
        while len(codes) * 1_500 < size:
            codes.append(f"{dice.randrange(1_000, 100_000):05}")
        self.postcodes = codes
        self.streets = [name + end for name in rare for end in ("straße", "weg", " Straße")]

    def surname(self) -> str:
        """A common surname, or a rare one, double or with a particle."""
        if self.dice.random() < 0.45:
            return self.dice.choices(self.common, self.weights)[0]
        name = self.dice.choice(self.rare)
        match self.dice.random():
            case roll if roll < 0.04:
                return f"{name}-{self.dice.choice(self.common)}"
            case roll if roll < 0.07:
                return f"{self.dice.choice(('von', 'van', 'de', 'El', 'Al'))} {name}"
        return name

    def first_name(self) -> str:
        """One first name, or two."""
        name = self.dice.choices(self.first, self.first_weights)[0]
        if self.dice.random() < 0.08:
            return f"{name}{self.dice.choice(' -')}{self.dice.choice(self.first)}"
        return name

    def born(self) -> date:
        """A day; for some the first of January, who don't know theirs."""
        if self.dice.random() < 0.02:
            return date(self.dice.choice((2006, 2007, 2008, 2009)), 1, 1)
        return _FIRST_DAY + timedelta(self.dice.randrange(_DAYS))

    def address(self) -> tuple[str, str]:
        """Street with number, and postcode."""
        street = f"{self.dice.choice(self.streets)} {self.dice.randrange(1, 90)}"
        return street, self.dice.choice(self.postcodes)

    def person(self) -> Identity:
        """Somebody, without a key."""
        street, postcode = self.address()
        return Identity("", self.surname(), self.first_name(), self.born(), street, postcode)


def population(town: Town, size: int) -> list[Identity]:
    """Different people, some of them hard to tell apart; no two with everything the same."""
    dice, drawn = town.dice, [town.person()]
    people = set(drawn)
    while len(people) < size:
        person, other = town.person(), dice.choice(drawn)
        match dice.random():
            case roll if roll < 0.02:
                person = replace(other, first_name=_another(town, other.first_name))
            case roll if roll < 0.025:
                person = replace(other, first_name=_alike(town, other.first_name))
            case roll if roll < 0.07:
                first_name = _another(town, other.first_name)
                person = replace(other, first_name=first_name, born=person.born)
            case roll if roll < 0.08:
                person = replace(other, street=person.street, postcode=person.postcode)
        if person not in people:
            people.add(person)
            drawn.append(person)
    return drawn


def _another(town: Town, name: str) -> str:
    return next(other for _ in range(99) if (other := town.first_name()) != name)


def _alike(town: Town, name: str) -> str:
    """The most similar other first name: Jana's twin is Jan."""
    others = [other for other in town.first if other != name]
    return max(others, key=lambda other: JaroWinkler.similarity(name, other))


# What lists do to people ------------------------------------------------------------------------

Change = Callable[[Identity, Town], Identity]


def _slip(dice: random.Random, word: str) -> str:
    """One slip of the keyboard: a letter too many, too few, another, or two swapped."""
    place = dice.randrange(len(word))
    letter = dice.choice(_LETTERS)
    match dice.randrange(4):
        case 0 if len(word) > 2:
            slipped = word[:place] + word[place + 1 :]
        case 1:
            slipped = word[:place] + letter + word[place:]
        case 2 if place + 1 < len(word):
            slipped = word[:place] + word[place + 1] + word[place] + word[place + 2 :]
        case _:
            slipped = word[:place] + letter + word[place + 1 :]
    return slipped if slipped != word else _slip(dice, word)


def _digit(dice: random.Random, text: str) -> str:
    place = dice.randrange(len(text))
    return (
        text[:place]
        + dice.choice([d for d in "0123456789" if d != text[place]])
        + text[place + 1 :]
    )


def _birth_digit(person: Identity, town: Town) -> Identity:
    if person.born is None:
        return person
    while True:
        try:
            born = date.fromisoformat(_iso(_digit(town.dice, f"{person.born:%Y%m%d}")))
        except ValueError:
            continue
        if born.year > 1900:
            return replace(person, born=born)


def _iso(digits: str) -> str:
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:]}"


def _birth_swapped(person: Identity, _: Town) -> Identity:
    if person.born is None or person.born.day > 12:
        return person
    return replace(person, born=person.born.replace(month=person.born.day, day=person.born.month))


def _spelled_out(text: str) -> str:
    return "".join(_UMLAUTS.get(letter, letter) for letter in text)


def _short_surname(person: Identity, _: Town) -> Identity:
    words = person.surname.replace("-", " ").split()
    return replace(person, surname=words[-1] if words[0].islower() else words[0])


def _moved(person: Identity, town: Town) -> Identity:
    street, postcode = town.address()
    return replace(person, street=street, postcode=postcode)


def _with(person: Identity, field: str, text: str | None) -> Identity:
    changed: dict[str, Any] = {field: text}
    return replace(person, **changed)


def _with_slip(field: str) -> Change:
    def change(person: Identity, town: Town) -> Identity:
        text = getattr(person, field)
        return _with(person, field, _slip(town.dice, text)) if text else person

    return change


def _without(*fields: str) -> Change:
    missing: dict[str, Any] = dict.fromkeys(fields)
    return lambda person, _: replace(person, **missing)


def _names_by(rewrite: Callable[[str], str]) -> Change:
    return lambda person, _: replace(
        person, surname=rewrite(person.surname), first_name=rewrite(person.first_name)
    )


#: What is done to a record, and how often against the rest.
CHANGES: dict[str, tuple[int, Change]] = {
    "slip in the surname": (12, _with_slip("surname")),
    "slip in the first name": (12, _with_slip("first_name")),
    "names swapped": (6, lambda p, _: replace(p, surname=p.first_name, first_name=p.surname)),
    "umlauts spelled out": (8, _names_by(_spelled_out)),
    "umlauts left out": (6, _names_by(lambda name: name.translate(_BARE))),
    "capitals": (6, _names_by(str.upper)),
    "part of the surname": (4, _short_surname),
    "one first name of two": (
        6,
        lambda p, _: replace(p, first_name=p.first_name.replace("-", " ").split()[0]),
    ),
    "another surname": (1, lambda p, town: replace(p, surname=town.surname())),
    "birth date a digit off": (8, _birth_digit),
    "day and month swapped": (4, _birth_swapped),
    "birth date missing": (6, _without("born")),
    "street mistyped": (6, _with_slip("street")),
    "street abbreviated": (
        8,
        lambda p, _: replace(p, street=p.street and p.street.replace("traße", "tr.")),
    ),
    "street missing": (6, _without("street")),
    "address missing": (4, _without("street", "postcode")),
    "postcode a digit off": (
        3,
        lambda p, town: replace(p, postcode=p.postcode and _digit(town.dice, p.postcode)),
    ),
    "moved house": (8, _moved),
}


def recorded(person: Identity, town: Town) -> tuple[Identity, tuple[str, ...]]:
    """A person as a list has them: a third as they are, the others with up to three changes."""
    many = town.dice.choices((0, 1, 2, 3), (35, 45, 16, 4))[0]
    kinds = town.dice.choices(list(CHANGES), [often for often, _ in CHANGES.values()], k=many)
    done: list[str] = []
    for kind in dict.fromkeys(kinds):
        changed = CHANGES[kind][1](person, town)
        if changed != person:
            person, done = changed, [*done, kind]
    return person, tuple(done)


def made_set(size: int, seed: int = 1) -> MadeSet:
    """Two lists of `size` records: three in five known are sent again, and 3 in 100 sent twice."""
    town = Town(random.Random(seed), size)
    again, twice = size * 3 // 5, size * 3 // 100
    everybody = population(town, 2 * size - again - twice)
    town.dice.shuffle(everybody)
    sent = [*range(size - twice), *town.dice.sample(range(size - twice), twice)]
    on_record = [*range(again), *range(size - twice, 2 * size - again - twice)]
    owner: dict[str, int] = {}
    done: dict[str, tuple[str, ...]] = {}
    lists = []
    for letter, owners in (("s", sent), ("k", on_record)):
        numbers = town.dice.sample(range(size), size)
        records = []
        for number, who in zip(numbers, owners, strict=True):
            key = f"{letter}{number}"
            # The older list is kept as it is: what differs was done to the one that was sent.
            changed = (everybody[who], ()) if letter == "k" else recorded(everybody[who], town)
            owner[key], done[key] = who, changed[1]
            records.append(replace(changed[0], key=key))
        lists.append(tuple(sorted(records, key=lambda record: int(record.key[1:]))))
    return MadeSet(lists[0], lists[1], owner, done)


# What came of it --------------------------------------------------------------------------------


def score(made: MadeSet, found: Doubles) -> Score:
    """Count the answers against the truth, by pairs of records."""
    persons = found.persons()
    person_of = {key: number for number, keys in enumerate(persons) for key in keys}
    together = [pair for keys in persons for pair in combinations(keys, 2)]
    owner = made.owner
    offers = {
        frozenset(person_of.get(key, key) for key in (double.one, double.other))
        for double in found.doubtful
    }
    records: dict[int, list[str]] = {}
    for key, who in owner.items():
        records.setdefault(who, []).append(key)
    kinds: Counter[tuple[str, str]] = Counter()
    for keys in records.values():
        for pair in combinations(sorted(keys), 2):
            whose = frozenset(person_of.get(key, key) for key in pair)
            answer = "sure" if len(whose) == 1 else "doubtful" if whose in offers else "missed"
            done = [kind for key in pair for kind in made.done[key]]
            kind = done[0] if len(done) == 1 else f"{min(len(done), 4)} changes"
            kinds[kind, answer] += 1
    names_ = sorted({kind for kind, _ in kinds})
    by_kind = {k: (kinds[k, "sure"], kinds[k, "doubtful"], kinds[k, "missed"]) for k in names_}
    sure, doubtful, missed = (sum(row[place] for row in by_kind.values()) for place in range(3))
    return Score(
        len(together),
        sum(owner[one] == owner[other] for one, other in together),
        len(found.doubtful),
        sum(owner[double.one] == owner[double.other] for double in found.doubtful),
        sure + doubtful + missed,
        sure + doubtful,
        sure,
        by_kind,
    )


def figures(size: int, seed: int) -> dict[str, float]:
    """What came of one made set, and what it took; memory in GB."""
    made = made_set(size, seed)
    before, started = peak_memory(), time.perf_counter()
    found = find_duplicates(made.people, made.known)
    took = time.perf_counter() - started
    got = score(made, found)
    return {
        "precision": got.precision,
        "recall": got.recall,
        "found_sure": got.found_sure / max(got.true, 1),
        "offered": got.offered,
        "offered_right": got.offered_right / max(got.offered, 1),
        "seconds": took,
        "before": before,
        "peak": peak_memory(),
    }


def main() -> None:
    """Make the sets, find the doubles, say how well and what it took."""
    if sys.argv[1:2] == ["--json"]:
        print(json.dumps(figures(int(sys.argv[2]), int(sys.argv[3]))))
        return
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 25_000
    seeds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    print(f"{size:,} people sent, {size:,} known; all invented")
    print(
        "seed  precision  recall  of these sure  doubtful right  offered  seconds  peak GB (before)"
    )
    kinds: dict[str, tuple[int, ...]] = {}
    for seed in range(1, seeds + 1):
        made = made_set(size, seed)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        start = time.perf_counter()
        found = find_duplicates(made.people, made.known)
        seconds = time.perf_counter() - start
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        got = score(made, found)
        print(
            f"{seed:4}  {got.precision:9.5f}  {got.recall:6.4f}  {got.found_sure / got.true:13.3f}"
            f"  {got.offered_right / max(got.offered, 1):14.3f}  {got.offered:7,}  {seconds:7.1f}"
            f"  {peak:.2f} ({before:.2f})"
        )
        for kind, counts in got.by_kind.items():
            kinds[kind] = tuple(map(sum, zip(kinds.get(kind, (0, 0, 0)), counts, strict=True)))
    print(f"\n{'what was done to the pair':<28}{'pairs':>8}{'sure':>8}{'offered':>9}{'missed':>8}")
    for kind, (sure, offered, missed) in sorted(kinds.items()):
        every = sure + offered + missed
        print(f"{kind:<28}{every:8,}{sure / every:8.3f}{offered / every:9.3f}{missed / every:8.3f}")


if __name__ == "__main__":
    main()
