"""Who looks for training in the invented district? People by the published figures.

How many people, their certificates, how many applied a year before and what they wish for most
follow published figures of the district and of West Germany (see the sample's README); each such
share is met to the person. Names and everything else is drawn. No protected trait is made up.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from data.reference.occupations import Occupation, occupations
from data.reference.postcodes import municipalities
from data.sample.dice import Dice, Thing, shared_out
from data.sample.names import names
from data.sample.schools import FORMS_BY_CERTIFICATE, SCHOOLS, WRITTEN, School
from matching.problem import Certificate

HEADINGS = (
    *("Interne ID-Nummer", "Nachname", "Vorname", "Geburtsdatum", "Klasse", "Jahrgang"),
    *("Schul-Nummer", "Postleitzahl", "Ortsname", "Höchster allg. Abschluss"),
    *("Schulpflicht erfüllt", "Entlassdatum", "Wunsch 1", "Wunsch 2", "Wunsch 3"),
    *("Längster Weg (Minuten)", "Stand", "Bewerbung im Vorjahr", "Hinweis"),
)

#: Everybody registered from October 2020 to August 2021 in Kreis Gütersloh.
REGISTERED = 1_648
#: People on record who have not registered, on top.
INTERESTED = 60
#: Per mille of the applicants by certificate (West Germany 2014); Hauptschule shared out by us.
CERTIFICATES: dict[Certificate | None, int] = {
    Certificate.NONE: 13,
    Certificate.ESA: 152,
    Certificate.EESA: 124,
    Certificate.MSA: 419,
    Certificate.FHR: 142,
    Certificate.ABITUR: 116,
    None: 34,
}
#: Per cent of the applicants who applied in an earlier year too.
EARLIER = 42
#: Per cent of the registered by what the school wrote under `Stand`: an estimate for the season.
STANDINGS = {
    "": 91,
    "eigener Vertrag": 4,
    "zurückgezogen": 3,
    "unbekannt": 1,
    "Berufsfachschule": 1,
}
#: Inhabitants of the municipalities in thousands, rounded (end of 2022, IT.NRW).
POPULATION = {
    "Gütersloh": 102, "Rheda-Wiedenbrück": 49, "Rietberg": 30, "Schloß Holte-Stukenbrock": 27,
    "Verl": 26, "Harsewinkel": 25, "Halle (Westf.)": 22, "Versmold": 22, "Steinhagen": 21,
    "Herzebrock-Clarholz": 16, "Werther (Westf.)": 11, "Borgholzhausen": 9, "Langenberg": 9,
}  # fmt: skip
#: Of a thousand people, how many live just outside, and how many so far that little is in reach.
OUTSIDE, REMOTE = 30, 5
_NEIGHBOURS = {"33689": 5, "33649": 5, "33129": 4, "59302": 3, "59556": 3, "33813": 3, "49214": 2}
_REMOTE = {"33142": 3, "32805": 2, "33034": 1, "34431": 1, "57392": 1}


@dataclass(frozen=True, slots=True)
class Person:
    """One invented person, as far as the school and the wishes depend on it."""

    certificate: Certificate | None
    postcode: str
    standing: str
    earlier: bool


def school_lists(dice: Dice) -> dict[School, list[dict[str, str]]]:
    """The rows of every school's list: everybody registered, and the interested on top."""
    lists: dict[School, list[dict[str, str]]] = {school: [] for school in SCHOOLS}
    for person in _everybody(dice):
        school = dice.weighted(_schools_for(person))
        lists[school].append(_row(dice, person, school))
    for rows in lists.values():
        number = 1_000
        for row in rows:
            number += 1 + dice.below(9)
            row["Interne ID-Nummer"] = str(number)
        rows.sort(key=lambda row: (row["Klasse"], row["Nachname"], row["Vorname"]))
    return lists


def _everybody(dice: Dice) -> list[Person]:
    certificates = dice.shuffled(_each(shared_out(REGISTERED, CERTIFICATES)))
    standings = dice.shuffled(_each(shared_out(REGISTERED, STANDINGS)))
    earlier = dice.shuffled(_each(shared_out(REGISTERED, {True: EARLIER, False: 100 - EARLIER})))
    certificates += [dice.weighted(CERTIFICATES) for _ in range(INTERESTED)]
    standings += ["interessiert"] * INTERESTED
    earlier += [dice.hits(EARLIER // 2) for _ in range(INTERESTED)]
    homes = dice.shuffled(_homes(dice, REGISTERED + INTERESTED))
    people = zip(certificates, homes, standings, earlier, strict=True)
    return dice.shuffled([Person(*traits) for traits in people])


def _each(counts: dict[Thing, int]) -> list[Thing]:
    return [thing for thing, count in counts.items() for _ in range(count)]


def _homes(dice: Dice, people: int) -> list[str]:
    """A postcode for each: most by the municipalities' inhabitants, some outside."""
    remote, outside = people * REMOTE // 1000, people * OUTSIDE // 1000
    inside = shared_out(people - remote - outside, POPULATION)
    homes = [dice.one_of(_postcodes()[name]) for name in _each(inside)]
    homes += [dice.weighted(_NEIGHBOURS) for _ in range(outside)]
    return homes + [dice.weighted(_REMOTE) for _ in range(remote)]


def _schools_for(person: Person) -> dict[School, int]:
    """Every school with its weight: by form and size, six times as likely in one's own place."""
    forms = FORMS_BY_CERTIFICATE[_level(person)]
    home = _municipality_of().get(person.postcode)
    weights = {}
    for school in SCHOOLS:
        weight = forms.get(school.form, 0) * school.size
        if person.earlier and school.form == "BK":
            weight *= 4
        weights[school] = weight * 6 if school.municipality == home else weight
    return weights


def _level(person: Person) -> Certificate:
    """The certificate that counts for school and wishes; the most common where it isn't known."""
    return Certificate.MSA if person.certificate is None else person.certificate


def _row(dice: Dice, person: Person, school: School) -> dict[str, str]:
    level = _level(person)
    year, klasse, leaving, age = _schooling(dice, person, school)
    birth = date(2027 - age, 8, 1) - timedelta(days=dice.below(365))
    done = "Nein" if year == "10" and leaving.year == 2027 else "Ja"
    wishes = _wishes(dice, level, school)
    written = WRITTEN[school.certificates]
    return {
        "Nachname": dice.one_of(names("surname")),
        "Vorname": dice.one_of(names("first name")),
        "Geburtsdatum": _day(birth),
        "Klasse": klasse,
        "Jahrgang": year,
        "Schul-Nummer": school.number,
        "Postleitzahl": person.postcode,
        "Ortsname": _municipality_of().get(person.postcode, _REMOTE_NAMES.get(person.postcode, "")),
        "Höchster allg. Abschluss": "" if person.certificate is None else written[level],
        "Schulpflicht erfüllt": "" if dice.hits(1) else done,
        "Entlassdatum": "" if dice.hits(1) else _day(leaving),
        **{f"Wunsch {rank}": wish for rank, wish in enumerate(wishes, start=1)},
        "Längster Weg (Minuten)": dice.weighted(
            {"": 80, "20": 2, "30": 5, "45": 6, "60": 5, "90": 2}
        ),
        "Stand": person.standing,
        "Bewerbung im Vorjahr": "Ja" if person.earlier else "" if dice.hits(15) else "Nein",
        "Hinweis": "erfunden",
    }


def _schooling(dice: Dice, person: Person, school: School) -> tuple[str, str, date, int]:
    """Year, class, the last day at school and the age in August 2027: a plausible set.

    People who applied a year before have left, or go to a Berufskolleg meanwhile.
    """
    level = _level(person)
    at_college = school.form == "BK"
    left = person.earlier and dice.hits(25 if at_college else 75)
    summer = dice.weighted({2026: 80, 2025: 20}) if left else 2027
    late = dice.weighted({0: 62, 1: 28, 2: 8, 3: 2})
    if at_college:
        year = dice.weighted({"01": 40, "02": 60} if level >= Certificate.MSA else {"01": 1})
        klasse = f"{dice.one_of(('AV', 'BF', 'HB', 'FO'))}{year[1]}{dice.one_of('ab')}"
        age = (18 if level >= Certificate.FHR else 17) + late
    elif level >= Certificate.FHR:
        year = "13" if level is Certificate.ABITUR else "12"
        klasse = "Q2" if year == "13" else "Q1"
        age = (19 if year == "13" else 18) + late - (1 if dice.hits(20) else 0)
    else:
        year, klasse = "10", f"10{dice.one_of('abcde')}"
        age = 16 + late - (1 if late == 0 and dice.hits(12) else 0)
    leaving = _LAST_DAYS[summer] - timedelta(days=21 if klasse == "Q2" else 7 * (year == "10"))
    return year, klasse, leaving, min(22, age + 2027 - summer)


#: The Fridays before the summer holidays of the state; leavers go one to three weeks earlier.
_LAST_DAYS = {2025: date(2025, 7, 11), 2026: date(2026, 7, 17), 2027: date(2027, 7, 16)}
_REMOTE_NAMES = {
    "34431": "Marsberg",
    "37671": "Höxter",
    "59929": "Brilon",
    "57392": "Schmallenberg",
}


def _wishes(dice: Dice, level: Certificate, school: School) -> list[str]:
    """Three wishes, some blank: the later ones often in the field of the first."""
    chosen: list[Occupation] = []
    for rank in range(dice.weighted({0: 5, 1: 34, 2: 35, 3: 26})):
        codes = {occupation.kldb for occupation in chosen}
        field = chosen[0].kldb[:2] if rank and dice.hits(60) else ""
        weights = _wanted(level, field)
        left = {o: weight for o, weight in weights.items() if o.kldb not in codes}
        chosen.append(dice.weighted(left or _wanted(level, "")))
    codes_of = [o.kldb for o in chosen] if school.wishes == "code" else []
    titles = [dice.one_of((o.title_m, o.title_f)) for o in chosen]
    return [*(codes_of or titles), "", "", ""][:3]


#: Certificates as steps: those that open the same occupations are one.
_STEPS = dict(zip(Certificate, (0, 1, 1, 2, 3, 3), strict=True))


@cache
def _wanted(level: Certificate, field: str) -> dict[Occupation, int]:
    """How often an occupation (of a field of two digits) is wished for with a certificate.

    The weights of `wishes.csv`, 3 for the rest of the table; less the further the certificate is
    from the occupation's usual one.
    """
    path = Path(__file__).with_name("wishes.csv")
    with path.open(encoding="utf-8", newline="") as table:
        rows = csv.DictReader(table, delimiter=";")
        known = {row["title_m"]: int(row["weight"]) for row in rows}
    nearness = (100, 45, 15, 6)
    return {
        occupation: known.get(occupation.title_m, 3)
        * nearness[abs(_STEPS[level] - _STEPS[occupation.certificate])]
        for occupation in occupations()
        if occupation.kldb.startswith(field)
    }


@cache
def _municipality_of() -> dict[str, str]:
    return {municipality.postcode: municipality.name for municipality in municipalities()}


@cache
def _postcodes() -> dict[str, list[str]]:
    postcodes: dict[str, list[str]] = {}
    for municipality in municipalities():
        postcodes.setdefault(municipality.name, []).append(municipality.postcode)
    return postcodes


def _day(day: date) -> str:
    return day.strftime("%d.%m.%Y")
