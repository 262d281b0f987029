"""Which training places does the labour agency's Jobsuche name? Its answers, saved as JSON.

A search answers with a list (`ergebnisliste`, earlier `stellenangebote`), which is missing where
nothing was found; a single offer is answered on its own, with more to it. Spellings have changed
over the versions (`referenznummer` or `refnr`, `firma` or `arbeitgeber`, ...), so each is read
whatever its version and capitals. Source: the answers themselves; there is no official schema.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from data.intake.cells import whole_of
from data.intake.json_values import (
    Json,
    first_text,
    listed,
    plain_key,
    text_of,
    with_plain_keys,
)
from data.intake.offer_rows import OfferCells, at_each_site, doubted
from data.intake.reading import Source
from data.intake.row_check import clean_cell, clean_cells
from matching.errors import Fault, FaultyInput, Rule

KIND, KIND_OF_PART = "jobsuche", "jobsuche_part"

#: The keys under which a field stands, the one that is sure first.
_KEYS = {
    "reference": ("referenznummer", "refnr", "hashid"),
    "employer": ("firma", "arbeitgeber", "arbeitgebername"),
    "title": ("hauptberuf", "beruf", "alleberufe", "stellenangebotstitel", "titel"),
    "openings": ("anzahloffenestellen", "offenestellen"),
    "requires": ("geforderterbildungsabschluss", "bildungsabschluss"),
    "starts": ("eintrittszeitraum.von", "eintrittsdatum", "eintrittszeitraum"),
}
_LISTS = ("ergebnisliste", "stellenangebote", "jobs")
_SITES = ("stellenlokationen", "arbeitsorte", "arbeitsort", "stellenlokation")
_ANSWER = ("maxergebnisse", "facetten", "wooutput", "size")

#: How the file calls the fields, for the reader of a fault.
HEADINGS = {
    "reference": "referenznummer",
    "employer": "firma",
    "title": "hauptberuf",
    "openings": "anzahlOffeneStellen",
    "requires": "geforderterBildungsabschluss",
    "starts": "eintrittszeitraum",
    "postcode": "plz",
    "town": "ort",
}

_FOUND = "maxergebnisse"

#: The agency's words for certificates, as the abbreviations of our table; blank asks for none.
_CERTIFICATES = {
    "nichtrelevant": "",
    "keineangabe": "",
    "keineangaben": "",
    "ohneabschluss": "OA",
    "keinabschluss": "OA",
    "hauptschulabschluss": "ESA",
    "qualifizierenderhauptschulabschluss": "ESA",
    "mittlerereife": "MSA",
    "mittlererbildungsabschluss": "MSA",
    "mittlerereifemittlererbildungsabschluss": "MSA",
    "fachhochschulreife": "FHR",
    "fachabitur": "FHR",
    "allgemeinehochschulreife": "ABITUR",
    "abitur": "ABITUR",
}

#: What an offer may be, as far as it says: 4 is the number of training in a search.
_TRAINING = {
    "stellenangebotsart": frozenset({"ausbildung", "4"}),
    "angebotsart": frozenset({"ausbildung", "4"}),
    "ausbildungsart": frozenset({"ausbildung", "betrieblicheausbildung", "keineangabe"}),
}

_READ = frozenset(
    key.partition(".")[0] for keys in (*_KEYS.values(), _SITES, tuple(_TRAINING)) for key in keys
)
_TIME = re.compile(r"(?<=^\d{4}-\d\d-\d\d)[T ].*$")


def is_jobsuche(value: Json) -> bool:
    """Whether a JSON value looks like an answer of the Jobsuche, or a list of such answers."""
    first = next(iter(value), None) if isinstance(value, list) else value
    known = with_plain_keys(first)
    return any(key in known for key in (*_LISTS, *_ANSWER, "jobdetail", *_READ))


@dataclass(slots=True)
class _Search:
    """What the answers to one search hold: their pages, and the offers by reference."""

    pages: list[str | None] = field(default_factory=list)
    offers: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Searches:
    """Whether all that was searched for is in the answers of a delivery.

    Answers that found as many offers around one place belong to one search. One that does not say
    how many it found, or holds a page twice, is never whole: nobody knows what it leaves out.
    """

    found: dict[tuple[str, str], _Search] = field(default_factory=dict)

    def take(self, value: Json) -> None:
        """Count the answers of one file."""
        for answer in listed(value):
            known = with_plain_keys(answer)
            site = first_text(answer, "wooutput.bereinigterort") or ""
            key = text_of(known.get(_FOUND)) or "", site
            search = self.found.setdefault(key, _Search())
            search.pages.append(text_of(known.get("page")))
            names = (first_text(offer, *_KEYS["reference"]) for offer in _entries(answer))
            search.offers.update(name for name in names if name is not None)

    @property
    def short(self) -> str | None:
        """Of the first search that is not whole, the offers held and those found, as `25/310`."""
        for (found, _), search in self.found.items():
            count = whole_of(found)
            paged = [page for page in search.pages if page is not None]
            if count is None or len(search.offers) < count or len(set(paged)) < len(paged):
                return f"{len(search.offers)}/{found or '?'}"
        return None


def offers_of(source: Source, value: Json) -> Iterator[OfferCells]:
    """The offers of one answer, once a site. The first of them has row 2.

    Raises `FaultyInput` for a value that is no such answer. What is no offer of dual training is a
    fault of its own, so that it waits for somebody to look at.
    """
    if not is_jobsuche(value) and value != []:
        raise FaultyInput((Fault(Rule.FILE_UNREADABLE, str(source)),))
    row = 1
    for offer in _entries(value):
        for cells in at_each_site(_cells(offer), _sites(offer)):
            row += 1
            yield doubted(OfferCells(row, cells, tuple(_not_training(offer, str(source), row))))


def unread_keys(value: Json) -> set[str]:
    """The keys of the offers that say something else than we read."""
    return {
        clean_cell(key)
        for offer in _entries(value)
        for key in (offer if isinstance(offer, dict) else ())
        if plain_key(key) not in _READ
    }


def _entries(value: Json) -> Iterator[Json]:
    for answer in listed(value):
        known = with_plain_keys(answer)
        lists = [known[name] for name in _LISTS if name in known]
        if lists:
            for offers in lists:
                yield from listed(offers)
        elif "jobdetail" in known:
            yield from listed(known["jobdetail"])
        elif not any(key in known for key in _ANSWER):
            yield answer


def _cells(offer: Json) -> dict[str, str]:
    cells = clean_cells((field, first_text(offer, *keys)) for field, keys in _KEYS.items())
    if "requires" in cells:
        cells["requires"] = _certificate(cells["requires"])
    if "starts" in cells:
        cells["starts"] = _TIME.sub("", cells["starts"])
    return {field: text for field, text in cells.items() if text}


def _certificate(word: str) -> str:
    return _CERTIFICATES.get(plain_key(word).replace(" ", ""), word)


def _sites(offer: Json) -> Iterator[tuple[str, str]]:
    known = with_plain_keys(offer)
    for name in _SITES:
        for site in listed(known.get(name)):
            yield (
                clean_cell(first_text(site, "adresse.plz", "plz", "postleitzahl") or ""),
                clean_cell(first_text(site, "adresse.ort", "ort") or ""),
            )


def _not_training(offer: Json, file: str, row: int) -> Iterator[Fault]:
    known = with_plain_keys(offer)
    for key, words in _TRAINING.items():
        said = clean_cell(text_of(known.get(key)) or "")
        if said and plain_key(said) not in words:
            yield Fault(Rule.VALUE_UNKNOWN, file, row, key, said[:60])
