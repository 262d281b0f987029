"""What comes in after the first lists? Invented stragglers: good rows, faulty ones, people twice.

A district's first lists are clean; an office is not. These lists hold what there is to settle:
rows that wait for a correction, titles that no table knows, people whom two schools name. All of
it is invented, and every row says `erfunden`.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence

from data.sample import district_folder
from data.sample.dice import Dice
from data.sample.firms import HEADINGS as PLACE_HEADINGS
from data.sample.make import encoding_of
from data.sample.names import names
from data.sample.people import HEADINGS

#: The calendar year in which the sample's season begins.
FIRST_YEAR = 2026
#: The schools whose pupils a second school names too, and that second school.
_FROM, _TO = "999007", "999014"
#: So many people are on two schools' lists, and so many latecomers are without fault.
TWICE, LATE = 6, 8

_CONSENT = ("Einwilligung", "Einwilligung am", "Einwilligung Fassung", "Einwilligung durch")
_DAY = re.compile(r"\b(\d\d\.\d\d\.)(\d{4})\b")
_ISO = re.compile(r"\b(\d{4})(-\d\d-\d\d)\b")


def in_season(text: str, first_year: int) -> str:
    """The same text with every date as many years later as the season begins later."""
    later = first_year - FIRST_YEAR
    if later == 0:
        return text
    # The day that not every year has: the day before it is there always.
    text = text.replace("29.02.", "28.02.").replace("-02-29", "-02-28")
    text = _DAY.sub(lambda found: f"{found[1]}{int(found[2]) + later}", text)
    return _ISO.sub(lambda found: f"{int(found[1]) + later}{found[2]}", text)


def first_lists(first_year: int) -> dict[str, bytes]:
    """Every school's list by its number, for the season that begins in that year."""
    return {
        path.stem: in_season(_text(f"schools/{path.name}"), first_year).encode("utf-8-sig")
        for path in sorted((district_folder() / "schools").glob("*.csv"))
    }


def first_places(first_year: int) -> bytes:
    """The list of places, for the season that begins in that year."""
    return in_season(_text("places.csv"), first_year).encode()


def late_lists(first_year: int, seed: int) -> dict[str, bytes]:
    """Latecomers by their school's number: most without fault, some waiting, some known already."""
    dice = Dice(seed)
    late = [_late(dice, number) for number in range(LATE)]
    faulty = [
        late[0] | {"Interne ID-Nummer": f"{9_100 + number}", "Vorname": name} | fault
        for number, (name, fault) in enumerate(zip(names("first name"), _FAULTS, strict=False))
    ]
    kept = csv.DictReader(io.StringIO(_text(f"schools/{_FROM}.csv")), delimiter=";")
    looking = [row for row in kept if not row["Stand"]]
    twice = [
        row | {"Interne ID-Nummer": f"{9_500 + number}", "Schul-Nummer": _TO} | _MOVED[number % 2]
        for number, row in enumerate(dice.shuffled(looking)[:TWICE])
    ]
    refused = {**_late(dice, LATE + 1), **dict(zip(_CONSENT, ("nein", "", "", ""), strict=True))}
    lists: Mapping[str, Sequence[Mapping[str, str]]] = {
        "999001": [*late, *faulty],
        _TO: twice,
        "999017": [refused | {"Schul-Nummer": "999017"}],
    }
    return {
        school: in_season(_table((*HEADINGS, *_CONSENT), rows), first_year).encode()
        for school, rows in lists.items()
    }


def late_places(first_year: int) -> bytes:
    """Offers of a guild's own list: two titles that no table knows, and one without a postcode."""
    rows = [
        _offer("I0001", "Tischlerei Musterkamp", "Tischler / Tischlerin", "33330"),
        _offer("I0002", "Musterkamp Veranstaltungen", "Zauberlehrling", "33332"),
        _offer("I0003", "Beispielhof Media", "Influencer-Azubi", "33378"),
        _offer("I0004", "Bäckerei Beispielbusch", "Bäcker / Bäckerin", ""),
    ]
    return in_season(_table(PLACE_HEADINGS, rows), first_year).encode()


#: What is wrong with a faulty row, one thing each.
_FAULTS: tuple[dict[str, str], ...] = (
    {"Postleitzahl": "3333"},
    {"Geburtsdatum": "31.02.2010"},
    {"Entlassdatum": "nach den Ferien"},
    {"Höchster allg. Abschluss": "sehr gut"},
    {"Wunsch 1": "irgendwas mit Tieren"},
)
#: Where somebody lives by the second list.
_MOVED = (
    {"Postleitzahl": "33378", "Ortsname": "Rheda-Wiedenbrück"},
    {"Postleitzahl": "33803", "Ortsname": "Steinhagen"},
)


def _late(dice: Dice, number: int) -> dict[str, str]:
    return {
        "Interne ID-Nummer": f"{9_000 + number}",
        "Nachname": dice.one_of(names("surname")),
        "Vorname": dice.one_of(names("first name")),
        "Geburtsdatum": f"{1 + dice.below(28):02d}.{1 + dice.below(12):02d}.2009",
        "Klasse": "10d",
        "Jahrgang": "10",
        "Schul-Nummer": "999001",
        "Postleitzahl": "33330",
        "Ortsname": "Gütersloh",
        "Höchster allg. Abschluss": "Mittlerer Schulabschluss",
        "Schulpflicht erfüllt": "Ja",
        "Entlassdatum": "16.07.2027",
        "Wunsch 1": "71402",
        "Hinweis": "erfunden",
        "Einwilligung": "ja",
        "Einwilligung am": "02.10.2026",
        "Einwilligung Fassung": "1",
        "Einwilligung durch": "Erziehungsberechtigte",
    }


def _offer(number: str, employer: str, title: str, postcode: str) -> dict[str, str]:
    told = {"place": number, "employer": employer, "title": title, "postcode": postcode}
    return told | {"openings": "1", "starts": "2027-08-01", "Hinweis": "erfunden"}


def _text(file: str) -> str:
    content = (district_folder() / file).read_bytes()
    return content.decode(encoding_of(file)).removeprefix("\ufeff")


def _table(headings: Sequence[str], rows: Sequence[Mapping[str, str]]) -> str:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, headings, delimiter=";", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
