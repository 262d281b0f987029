"""Which occupation does an offer's title mean, and which come near? Sure ones, and ones to confirm.

A title means an occupation if our own table or an imported official list knows it, or knows what
is left of it without the words that only say that this is an offer of training: "Ausbildung
zum/zur Tischler/in (m/w/d) ab 01.08.2027" is "Tischler/in". Else a person says what
it means; nothing is guessed.

How near two titles are is what rapidfuzz's `WRatio` says, from 0 to 100: the share of letters that
they have in common in order, with their words sorted or not, and a little less where only a part
of one is compared. Below `CUT` nothing is offered, since there other trades begin to look alike.
Among equally near titles, the one whose whole length fits best comes first.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

from rapidfuzz import fuzz, process

from data.reference.kldb import OCCUPATION_LEVEL, kldb_titles
from data.reference.occupations import code_of, coded_titles, plain_title

#: The least likeness that is offered, and how many codes at most.
CUT = 75.0
MOST = 5
#: For so many different titles of one file.
MOST_SOUGHT = 100

#: Letters of a title that are looked at; the longest official one has fewer.
_LETTERS = 200
#: Letters that are compared where nothing is known by the title; the time grows with them.
_LETTERS_COMPARED = 100
#: What the official titles of occupations have around the occupation itself.
_AROUND = re.compile(r"^berufe |ohne spezialisierung|– fachlich.*$")
#: The last digit of an occupation that takes a training of two years or more (KldB 2010).
_SKILLED = "2"

#: "(m/w/d)", "(gn)", "m/w/x" and their kin, wherever they stand.
_ANY_GENDER = re.compile(
    r"\(\s*(?:\w(?:\s*[/|,*]\s*\w){1,3}|gn)\s*\)|\b[mwd]/[mwdx]/[mwdx]\b", re.I
)
#: "Ausbildung zum/zur", "Auszubildende/r als", "Azubi:", "Ausbildungsplatz -".
_OFFERED = re.compile(
    r"^(?:duale |betriebliche )?(?:ausbildung(?:splatz|sstelle)?|auszubildende(?:[/*:_(]?-?r\)?)?"
    r"|azubis?|lehrstelle|lehre)\b\s*(?:20\d\d)?\s*"
    r"(?:(?:als|zum|zur|im beruf|für den beruf)\b(?:\s*/\s*(?:zum|zur|r)\b)?|[:–-])?\s*",
    re.I,
)
#: "ab 01.08.2027", "zum 1. September 2027", "für 2027", "- 2027", "Ausbildungsbeginn 2027".
_WHEN = re.compile(
    r"[\s,(–-]+(?:(?:ab|zum|für|start|beginn|ausbildungsstart|ausbildungsbeginn|ausbildung)\s*)*:?"
    r"\s*(?:\d{1,2}\.\s?\d{1,2}\.\s?|(?:\d{1,2}\.\s?)?(?:juli|august|september|oktober) )?"
    r"20\d\d(?:/20\d\d|/\d\d)?\s*\)?$",
    re.I,
)


def bare_title(text: str) -> str:
    """A title without the words around it that say that training is offered, for whom and when.

    Offers of studies (duales Studium) keep theirs: they are no training places.
    """
    text = " ".join(_ANY_GENDER.sub(" ", text[:_LETTERS]).split())
    return _OFFERED.sub("", _WHEN.sub("", text)).strip(" ,:–-")


def title_key(text: str) -> str:
    """What a confirmed title goes by, in whatever case, gender and wrapping it comes again."""
    return plain_title(bare_title(text))[:_LETTERS]


class Titles:
    """Titles and their codes, from our table and an official list in the operator's folder.

    `extra` is the folder of an imported classification, if there is one; `confirmed` gives titles
    that somebody decided on, by their `title_key`, the code. What was looked up once is remembered
    for as long as the object lives.
    """

    def __init__(
        self, extra: Path | None = None, confirmed: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        self._extra, self._confirmed = extra, confirmed
        self._codes: dict[str, str | None] = {}
        self._nearest: dict[str, tuple[str, ...]] = {}

    def code(self, text: str) -> str | None:
        """The KldB 2010 code that a code or a title means for sure, or `None`."""
        if text not in self._codes:
            found = code_of(text[:_LETTERS], self._extra)
            found = found or code_of(bare_title(text), self._extra)
            self._codes[text] = found or self._confirmed.get(title_key(text))
        return self._codes[text]

    def nearest(self, text: str) -> tuple[str, ...]:
        """The codes of the titles most like this one, the nearest first; `MOST` at most.

        None for what comes after `MOST_SOUGHT` different titles: each takes some
        milliseconds, and so many unknown ones in one file are no titles.
        """
        wanted = plain_title(bare_title(text))[:_LETTERS_COMPARED]
        if wanted not in self._nearest:
            if len(self._nearest) >= MOST_SOUGHT:
                return ()
            names = list(self._known)
            near = process.extract(wanted, names, scorer=fuzz.WRatio, score_cutoff=CUT, limit=None)
            near.sort(key=lambda hit: (-hit[1], -fuzz.ratio(wanted, hit[0]), hit[2]))
            codes = dict.fromkeys(self._known[name] for name, _, _ in near)
            self._nearest[wanted] = tuple(codes)[:MOST]
        return self._nearest[wanted]

    @cached_property
    def _known(self) -> dict[str, str]:
        known = dict(coded_titles())
        for code, title in (kldb_titles(self._extra) if self._extra is not None else {}).items():
            if len(code) == OCCUPATION_LEVEL and code.endswith(_SKILLED):
                known.setdefault(plain_title(_AROUND.sub("", title.casefold())), code)
        return known
