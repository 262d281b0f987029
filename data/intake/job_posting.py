"""Which training places do a firm's own pages name? schema.org `JobPosting`, as JSON-LD.

One posting, a list of them, or a `@graph` in which they stand among other things; what a posting
only points to (`{"@id": ...}`) is looked up in the same file. Source: schema.org/JobPosting.

The vocabulary does not say whether a job is an apprenticeship. So it must stand in the employment
type or in the title; where it does not, the posting waits for somebody to confirm it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from data.intake.json_values import Json, first_text, listed, plain_key, text_of, with_plain_keys
from data.intake.offer_rows import OfferCells, at_each_site, doubted
from data.intake.row_check import clean_cell, clean_cells
from matching.errors import Fault, Rule

KIND = "job_posting"

_KEYS = {
    "reference": ("identifier.value", "identifier", "@id", "url"),
    "employer": ("hiringorganization.name", "hiringorganization.legalname", "hiringorganization"),
    "title": ("relevantoccupation.name", "title", "name"),
    "openings": ("totaljobopenings",),
    "requires": (
        "educationrequirements.credentialcategory",
        "educationrequirements.name",
        "educationrequirements",
    ),
    "starts": ("jobstartdate",),
}

#: How the file calls the fields, for the reader of a fault.
HEADINGS = {
    "reference": "identifier",
    "employer": "hiringOrganization",
    "title": "title",
    "openings": "totalJobOpenings",
    "requires": "educationRequirements",
    "starts": "jobStartDate",
    "postcode": "postalCode",
    "town": "addressLocality",
}

_READ = frozenset(
    key.partition(".")[0] for keys in (*_KEYS.values(), ("joblocation", "employmenttype", "@type"))
    for key in keys
)  # fmt: skip
_NO_REQUIREMENT = frozenset({"no requirements", "keine", "nicht relevant"})
_TRAINING_WORDS = re.compile(r"ausbildung|auszubild|azubi|lehrstelle|apprentice", re.IGNORECASE)
_STUDIES = re.compile(r"duales studium|dualer student|duale studentin", re.IGNORECASE)
_TIME = re.compile(r"(?<=^\d{4}-\d\d-\d\d)[T ].*$")

#: A thing may point to a thing that points on; no posting needs more steps than this.
_MOST_STEPS: Final = 3

Things = Mapping[str, Json]


def is_job_posting(value: Json) -> bool:
    """Whether a JSON value holds JSON-LD of the kind that postings are written in."""
    things = [*listed(value)][:1]
    return any({"@context", "@type", "@graph"} & with_plain_keys(thing).keys() for thing in things)


def postings_of(file: str, value: Json) -> Iterator[OfferCells]:
    """The postings of a file, once a site. The first of them has row 2."""
    things = {
        name: thing
        for thing in _things(value)
        if isinstance(name := with_plain_keys(thing).get("@id"), str) and _says_more(thing)
    }
    row = 1
    for posting in _postings(value):
        whole = {key: _resolved(inner, things) for key, inner in with_plain_keys(posting).items()}
        for cells in at_each_site(_cells(whole), _sites(whole, things)):
            row += 1
            yield doubted(OfferCells(row, cells, tuple(_not_training(whole, file, row))))


def unread_keys(value: Json) -> set[str]:
    """The keys of the postings that say something else than we read."""
    return {
        clean_cell(key)
        for posting in _postings(value)
        for key in (posting if isinstance(posting, dict) else ())
        if plain_key(key) not in _READ
    }


def _things(value: Json) -> Iterator[Json]:
    for thing in listed(value):
        yield thing
        yield from listed(with_plain_keys(thing).get("@graph"))


def _postings(value: Json) -> Iterator[Json]:
    for thing in _things(value):
        kinds = listed(with_plain_keys(thing).get("@type"))
        if any(isinstance(k, str) and re.split(r"[/:#]", k)[-1] == "JobPosting" for k in kinds):
            yield thing


def _says_more(thing: Json) -> bool:
    return isinstance(thing, dict) and len(thing) > 1


def _resolved(value: Json, things: Things) -> Json:
    """A thing in place of what only points to it."""
    for _ in range(_MOST_STEPS):
        name = with_plain_keys(value).get("@id")
        if _says_more(value) or not isinstance(name, str) or name not in things:
            break
        value = things[name]
    return value


def _cells(posting: Json) -> dict[str, str]:
    cells = clean_cells((field, first_text(posting, *k)) for field, k in _KEYS.items())
    if cells.get("requires", "").casefold() in _NO_REQUIREMENT:
        del cells["requires"]
    if "starts" in cells:
        cells["starts"] = _TIME.sub("", cells["starts"])
    return cells


def _sites(posting: Json, things: Things) -> Iterator[tuple[str, str]]:
    for place in listed(with_plain_keys(posting).get("joblocation")):
        whole = with_plain_keys(_resolved(place, things))
        address = _resolved(whole.get("address"), things)
        yield (
            clean_cell(first_text(address, "postalcode") or ""),
            clean_cell(first_text(address, "addresslocality") or ""),
        )


def _not_training(posting: Json, file: str, row: int) -> Iterator[Fault]:
    known = with_plain_keys(posting)
    kinds = [text for kind in listed(known.get("employmenttype")) if (text := text_of(kind))]
    said = clean_cell(" ".join([*kinds, first_text(posting, "title", "name") or ""]))
    if not _TRAINING_WORDS.search(said) or _STUDIES.search(said):
        value = clean_cell(" ".join(kinds))[:60] or None
        rule = Rule.VALUE_UNKNOWN if value else Rule.VALUE_MISSING
        yield Fault(rule, file, row, "employmentType", value)
