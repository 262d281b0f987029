"""Who offers training in the invented district? Firms, their places and what they ask for.

What firms of such a district offer (metal, food, furniture, retail, logistics, trades, health) is
`branches.csv`, our own estimate: branch, how many firms in proportion, how many occupations a firm
trains in, openings of a place, the invented names' forms, and the occupations with their weights.
It differs on purpose from what people wish for.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from data.reference.occupations import Occupation, occupations
from data.reference.postcodes import municipalities
from data.sample.dice import Dice, shared_out
from data.sample.names import names
from data.sample.people import POPULATION
from matching.problem import Certificate

HEADINGS = (
    *("place", "employer", "title", "kldb", "postcode", "openings"),
    *("certificate", "minimum_age", "starts", "Hinweis"),
)

#: Firms just outside the district, in proportion: an estimate by size and distance.
NEIGHBOURS = {
    "Bielefeld": 60, "Paderborn": 8, "Lippstadt": 8, "Oelde": 8, "Delbrück": 6, "Beckum": 4,
    "Warendorf": 4, "Sassenberg": 3, "Melle": 4, "Dissen am Teutoburger Wald": 3,
    "Oerlinghausen": 3, "Leopoldshöhe": 3, "Hövelhof": 3, "Wadersloh": 2,
}  # fmt: skip
#: Of a hundred firms, so many sit outside the district.
OUTSIDE = 15
#: Hotels by the sea and in the mountains that look for people here too: out of everyone's reach.
FAR = ("25980", "26548", "83471", "18609", "87561")

#: What firms ask for, in proportion, by the certificate usual in an occupation.
_ASKED: dict[Certificate, dict[Certificate | None, int]] = {
    Certificate.ESA: {Certificate.ESA: 45, None: 52, Certificate.MSA: 3},
    Certificate.MSA: {Certificate.MSA: 45, Certificate.ESA: 33, None: 20, Certificate.FHR: 2},
    Certificate.FHR: {Certificate.MSA: 66, Certificate.FHR: 22, None: 12},
    Certificate.ABITUR: {Certificate.FHR: 45, Certificate.MSA: 45, None: 10},
}
#: Occupations that firms give to people of age only (driving, guarding).
_OF_AGE = {"52122": "17", "52182": "18", "53112": "18", "53132": "18"}


@dataclass(frozen=True, slots=True)
class Branch:
    """One branch: `firms` in proportion; ranges of kinds a firm and openings a place."""

    firms: int
    kinds: tuple[int, int]
    openings: tuple[int, int]
    names: tuple[str, ...]
    occupations: dict[Occupation, int]


@dataclass(frozen=True, slots=True)
class Offer:
    """One place before it has a number."""

    employer: str
    occupation: Occupation
    postcode: str
    openings: int


def place_list(dice: Dice, firms: int, openings: int) -> list[dict[str, str]]:
    """The rows of an invented place list: so many firms with exactly so many openings."""
    offers = _offers(dice, firms)
    while sum(offer.openings for offer in offers) > openings:
        _change(dice, offers, -1)
    while sum(offer.openings for offer in offers) < openings:
        _change(dice, offers, +1)
    return [_row(dice, number, offer) for number, offer in enumerate(offers, start=1)]


def _offers(dice: Dice, firms: int) -> list[Offer]:
    offers: list[Offer] = []
    taken: set[str] = set()
    counts = shared_out(firms - len(FAR), {name: b.firms for name, b in branches().items()})
    for name, count in counts.items():
        for _ in range(count):
            offers += _firm(dice, branches()[name], taken, _postcode(dice))
    for postcode in FAR:
        offers += _firm(dice, branches()["Gastgewerbe"], taken, postcode)
    return dice.shuffled(offers)


def _firm(dice: Dice, branch: Branch, taken: set[str], postcode: str) -> list[Offer]:
    employer = _name(dice, branch, taken)
    left = dict(branch.occupations)
    offers = []
    for _ in range(min(_between(dice, branch.kinds), len(left))):
        occupation = dice.weighted(left)
        del left[occupation]
        offers.append(Offer(employer, occupation, postcode, _between(dice, branch.openings)))
    return offers


def _name(dice: Dice, branch: Branch, taken: set[str]) -> str:
    """A name that no firm has yet here, and that is none of the region's well-known firms'."""
    while True:
        person = dice.one_of(names("firm beginning")) + dice.one_of(names("firm ending"))
        name = dice.one_of(branch.names).format(person)
        if name not in taken and person not in names("real firm"):
            taken.add(name)
            return name


def _postcode(dice: Dice) -> str:
    weights = NEIGHBOURS if dice.hits(OUTSIDE) else POPULATION
    return dice.one_of(postcodes_of(dice.weighted(weights)))


@cache
def postcodes_of(municipality: str) -> tuple[str, ...]:
    """The postcodes of a municipality, by name."""
    return tuple(m.postcode for m in municipalities() if m.name == municipality)


def _between(dice: Dice, limits: tuple[int, int]) -> int:
    first, last = limits
    return first + dice.below(last - first + 1)


def _change(dice: Dice, offers: list[Offer], step: int) -> None:
    """One opening more or fewer somewhere, but never below one, and rarely above eight."""
    at = dice.below(len(offers))
    if 1 <= offers[at].openings + step <= 8:
        offers[at] = replace(offers[at], openings=offers[at].openings + step)


def _row(dice: Dice, number: int, offer: Offer) -> dict[str, str]:
    asked = dice.weighted(_ASKED[offer.occupation.certificate])
    starts = "2027-09-01" if dice.hits(18) else "2027-08-01"
    return {
        "place": f"A{number:04d}",
        "employer": offer.employer,
        "title": offer.occupation.title_m if dice.hits(8) else offer.occupation.title,
        "kldb": offer.occupation.kldb,
        "postcode": offer.postcode,
        "openings": str(offer.openings),
        "certificate": asked.name if asked is not None else "",
        "minimum_age": _OF_AGE.get(offer.occupation.kldb, ""),
        "starts": starts,
        "Hinweis": "erfunden",
    }


@cache
def branches() -> dict[str, Branch]:
    """The branches of `branches.csv` by name."""
    known = {occupation.title_m: occupation for occupation in occupations()}
    with Path(__file__).with_name("branches.csv").open(encoding="utf-8", newline="") as table:
        return {
            row["branch"]: Branch(
                int(row["firms"]),
                _limits(row["kinds"]),
                _limits(row["openings"]),
                tuple(row["names"].split("|")),
                {
                    known[title]: int(weight)
                    for title, weight in (o.split(":") for o in row["occupations"].split("|"))
                },
            )
            for row in csv.DictReader(table, delimiter=";")
        }


def _limits(text: str) -> tuple[int, int]:
    first, last = text.split("-")
    return int(first), int(last)
