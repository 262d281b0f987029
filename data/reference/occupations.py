"""Which training occupation is meant? Our own table of dual training occupations.

`occupations.csv` holds one row an occupation: its KldB 2010 code, its title in both genders, the
regular months of training by its ordinance, and the certificate that most beginners bring. Several
occupations can share one code; the first in the table gives the code its name.

`specialities.csv` adds the specialities of an occupation that go by its code. The older and
shorter names that people still write ("MFA", "Einzelhandelskauffrau") are in
`occupation_words.csv`.

Source of the codes: Klassifikation der Berufe 2010, version 2020, Bundesagentur für Arbeit. The
months are those of the training ordinances; the usual certificate is our reading of the beginners'
schooling that the Bundesinstitut für Berufsbildung publishes.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from data.reference.kldb import OCCUPATION_LEVEL, kldb_titles
from matching.problem import Certificate


@dataclass(frozen=True, slots=True)
class Occupation:
    """One training occupation; `kldb` is its five-digit code, `months` the regular length."""

    kldb: str
    title_m: str
    title_f: str
    months: int
    certificate: Certificate

    @property
    def title(self) -> str:
        """Both genders in one line; one title where they do not differ."""
        if self.title_m == self.title_f:
            return self.title_m
        return f"{self.title_m} / {self.title_f}"


def _table(name: str) -> list[dict[str, str]]:
    with Path(__file__).with_name(name).open(encoding="utf-8", newline="") as table:
        return list(csv.DictReader(table, delimiter=";"))


@cache
def occupations() -> tuple[Occupation, ...]:
    """Every occupation of our table, in its order: the most chosen first."""
    return tuple(
        Occupation(
            row["kldb"],
            row["title_m"],
            row["title_f"],
            int(row["months"]),
            Certificate[row["certificate"]],
        )
        for row in _table("occupations.csv")
    )


#: "(m/w/d)" and its kin: two to four single letters between slashes, bars or commas.
_ANY_GENDER = re.compile(r"\(\s*\w(?:\s*[/|,]\s*\w){1,3}\s*\)")
#: "Fachangestellte/-r", "Technische*r", "Angestellte(r)": the male form takes the r.
_MALE_R = re.compile(r"(?<=\w)(?:/-?|[:*_(])r\b\)?")
#: What follows the first form in a combined title: "/-in", "/in", ":in", "*in", "(in)", "/-frau".
_OTHER_GENDER = re.compile(
    r"(?<=\w)(?:/-\s?\w+|/(?:in|frau|mann|e)\b|[:*_](?:in|frau)\b|\((?:in|frau)\))"
)
#: Both forms in full: "Koch/Köchin".
_BOTH_GENDERS = re.compile(r"([\w-]+)/(\w[\w-]{2,})")
#: Words that join an occupation to its field; people write one for another, or a dash instead.
_JOINING = frozenset({"für", "im", "in", "der", "fachrichtung", "schwerpunkt"})
#: Parts of words that stand for one another.
_SAME = (
    ("kfz-", "kraftfahrzeug"),
    ("kfz ", "kraftfahrzeug"),
    ("kaufleute", "kaufmann"),
    ("fachleute", "fachmann"),
)


def _plain(text: str) -> str:
    """A title without case, gender marks, joining words, dashes between words and brackets."""
    text = _ANY_GENDER.sub(" ", text.casefold())
    text = _OTHER_GENDER.sub("", _MALE_R.sub("r", text))
    for part, same in _SAME:
        text = text.replace(part, same)
    words = re.sub(r"[(),]|\s[-–—]\s?", " ", text).split()
    return " ".join(word for word in words if word not in _JOINING)


@cache
def _codes() -> dict[str, str]:
    """The code of each title in each form, with its specialities, and of other known words."""
    codes: dict[str, str] = {}
    for occupation in occupations():
        for title in (occupation.title_m, occupation.title_f):
            codes.setdefault(_plain(title), occupation.kldb)
    by_title = {occupation.title_m: occupation for occupation in occupations()}
    for row in _table("specialities.csv"):
        occupation = by_title[row["title_m"]]
        for title in (occupation.title_m, occupation.title_f):
            codes.setdefault(_plain(f"{title} {row['speciality']}"), occupation.kldb)
    for row in _table("occupation_words.csv"):
        codes.setdefault(_plain(row["word"]), row["kldb"])
    return codes


def plain_title(text: str) -> str:
    """A title as it is compared: without case, gender marks, joining words and brackets."""
    return _plain(text)


def coded_titles() -> Mapping[str, str]:
    """The code of every title and word that we know, each as `plain_title` writes it."""
    return MappingProxyType(_codes())


@cache
def _first_titles() -> dict[str, str]:
    titles: dict[str, str] = {}
    for occupation in occupations():
        titles.setdefault(occupation.kldb, occupation.title)
    return titles


def _readings(text: str) -> tuple[tuple[str, ...], ...]:
    """The ways to take a text apart at its slashes; all titles of a way must mean the same.

    "Koch/Köchin" is one occupation, "Koch/Bäcker" is two, and means neither.
    """
    if "/" not in text:
        return ((text,),)
    tight = re.sub(r"\s*/\s*", "/", text)
    return (
        tuple(text.split(" / ")),
        (_BOTH_GENDERS.sub(r"\1", tight), _BOTH_GENDERS.sub(r"\2", tight)),
    )


def code_of(text: str, extra: Path | None = None) -> str | None:
    """The KldB 2010 code that a code or a title means, or `None` where nothing is known by it.

    Titles count in either gender or both ("Tischler/in", "Kaufmann/-frau - Büromanagement"), with
    or without "(m/w/d)". `extra` is the operator's data folder: codes and official titles of an
    imported classification count too.
    """
    text = text.strip()
    official = kldb_titles(extra) if extra is not None else {}
    if text.isascii() and text.isdigit():
        known = text in _first_titles() or (len(text) == OCCUPATION_LEVEL and text in official)
        return text if known else None
    for titles in _readings(text):
        codes = {_codes().get(_plain(title)) for title in titles}
        if len(codes) == 1 and None not in codes:
            return codes.pop()
    wanted = text.casefold()
    found = (code for code in official if len(code) == OCCUPATION_LEVEL)
    return next((code for code in found if official[code].casefold() == wanted), None)


def title_of(code: str, extra: Path | None = None) -> str:
    """A code in the reader's words: our title, else the imported official one, else the code."""
    title = _first_titles().get(code)
    if title is None and extra is not None:
        title = kldb_titles(extra).get(code)
    return title or code
