"""Is this an offer of training places? One row's cells become a `PlaceRecord`, or wait.

Every reader of offers ends here, and so does a row that somebody corrected. An offer whose
occupation is not known for sure waits; the nearest codes stand in its cells under `suggestions`,
the nearest first, divided by blanks. Whoever confirms one writes it into `kldb`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from types import MappingProxyType

from data.intake.cells import flag_of
from data.intake.openings import MOST_OPENINGS
from data.intake.records import FileRead, PlaceRecord, Waiting
from data.intake.row_check import Cells, CheckedRow, clean_cells
from data.reference.certificates import certificate_of
from data.reference.postcodes import site
from data.reference.titles import Titles
from matching.errors import Fault, FaultyInput, Rule

#: What may be said of an offer. Nothing else is read, least of all whom to ask there.
FIELDS = tuple(field.name for field in fields(PlaceRecord) if field.name != "row")

#: What must be filled, unless a reader asks for something else.
NEEDED = frozenset({"title", "postcode"})

#: The note that marks a row as invented.
INVENTED = "erfunden"

#: More offers than this in one file are refused; a district has some thousand a year.
MOST_ROWS = 200_000

#: The cell of an offer that its source does not call training: what it says of itself instead. It
#: holds the offer back until somebody writes there what it is.
OFFER_KIND = "offer_kind"
#: What stands there where the source says nothing of it.
NOT_SAID = "?"
_TRAINING = frozenset(
    {"ausbildung", "berufsausbildung", "betriebliche ausbildung", "duale ausbildung"}
)
_LONGEST_KIND = 60

_DIGITS = 16
_OURS = ("suggestions", "invented")


@dataclass(frozen=True, slots=True)
class OfferCells:
    """One offer as a file names it: its cells by field, and what the source says is wrong."""

    row: int
    cells: Cells
    faults: tuple[Fault, ...] = ()


def offer_of(
    offer: OfferCells,
    titles: Titles,
    file: str | None = None,
    headings: Mapping[str, str] = MappingProxyType({}),
    needed: frozenset[str] = NEEDED,
) -> PlaceRecord | Waiting:
    """The offer as a record, or waiting with every fault.

    A reference must be there, and what `needed` names; for `title`, `kldb` will do. What is filled
    must be known: a postcode that exists, a title that names an occupation for sure. An offer that
    is taken back needs its reference only. A blank number of openings is one. `headings` is as for
    `CheckedRow`.
    """
    row = CheckedRow(file, offer.row, offer.cells, headings)
    row.faults += offer.faults
    if not offer.cells and offer.faults:
        return row.waiting()
    reference = row.text("reference", needed=True)
    deleted = row.read("deleted", flag_of, Rule.VALUE_UNKNOWN) or False
    if deleted:
        if row.faults or reference is None:
            return row.waiting()
        return PlaceRecord(offer.row, reference, deleted=True)
    employer = row.text("employer")
    title = row.text("title")
    kldb = _occupation(row, titles, needed="title" in needed)
    point = row.read("postcode", site, Rule.POSTCODE_UNKNOWN, needed="postcode" in needed)
    town = row.text("town")
    openings = row.whole("openings", 0, MOST_OPENINGS, needed="openings" in needed)
    requires = row.read("requires", certificate_of, Rule.CERTIFICATE_UNKNOWN)
    minimum_age = row.whole("minimum_age", 0, 99)
    starts = row.day("starts")
    invented = row.cells.get("invented", "").casefold() == INVENTED
    if row.faults or reference is None:
        return _waiting(row, titles)
    return PlaceRecord(
        row=offer.row,
        reference=reference,
        employer=employer,
        title=title,
        kldb=kldb,
        postcode=None if point is None else point.postcode,
        town=town,
        openings=1 if openings is None else openings,
        requires=requires,
        minimum_age=minimum_age,
        starts=starts,
        invented=invented,
    )


def recheck_offer(
    cells: Cells,
    row: int,
    occupations: Path | None = None,
    confirmed: Mapping[str, str] = MappingProxyType({}),
) -> PlaceRecord | Waiting:
    """A corrected row, held against the same rules: a record, or waiting with what is still wrong.

    `cells` are by field (`FIELDS` and `OFFER_KIND`), others are not looked at. `occupations` and
    `confirmed` are as for `read_offers`.
    """
    known = (*FIELDS, OFFER_KIND)
    allowed = {field: text for field, text in cells.items() if field in known and text.strip()}
    kind = allowed.get(OFFER_KIND, "").strip()
    if not kind or kind.casefold() in _TRAINING:
        faults: tuple[Fault, ...] = ()
    elif kind == NOT_SAID:
        faults = (Fault(Rule.VALUE_MISSING, None, row, OFFER_KIND),)
    else:
        faults = (Fault(Rule.VALUE_UNKNOWN, None, row, OFFER_KIND, kind[:_LONGEST_KIND]),)
    return offer_of(OfferCells(row, allowed, faults), Titles(occupations, confirmed))


def doubted(offer: OfferCells) -> OfferCells:
    """The offer with its doubts as a cell: each of its faults says that it may be no training.

    So whoever corrects the row meets them again, whatever else they correct.
    """
    if not offer.faults:
        return offer
    said = ", ".join(fault.value for fault in offer.faults if fault.value) or NOT_SAID
    # What the source says is no answer of ours, however it is put.
    kind = NOT_SAID if said.casefold() in _TRAINING else said[:_LONGEST_KIND]
    cells = clean_cells([*offer.cells.items(), (OFFER_KIND, kind)])
    return OfferCells(offer.row, cells, offer.faults)


def cells_of(record: PlaceRecord) -> dict[str, str]:
    """The cells that say what a record says; `recheck_offer` makes the same record of them."""
    if record.deleted:
        return {"reference": record.reference, "deleted": "ja"}
    cells = {
        field: str(value)
        for field in FIELDS
        if field not in ("requires", "deleted", "invented", "suggestions")
        and (value := getattr(record, field)) is not None
    }
    if record.requires is not None:
        cells["requires"] = record.requires.name
    if record.invented:
        cells["invented"] = INVENTED
    return cells


def read_rows(
    file: str,
    kind: str,
    offers: Iterable[OfferCells],
    check: Callable[[OfferCells], PlaceRecord | Waiting],
    heading: str = "reference",
) -> FileRead[PlaceRecord]:
    """Every offer of a file, good ones as records, the others waiting.

    A reference that comes a second time waits; `heading` is what the file calls it. Raises
    `FaultyInput` for more than `MOST_ROWS`.
    """
    records: list[PlaceRecord] = []
    waiting: list[Waiting] = []
    for offer in once_each(file, offers, heading):
        if len(records) + len(waiting) == MOST_ROWS:
            raise FaultyInput((Fault(Rule.CELLS_TOO_MANY, file, offer.row),))
        found = check(offer)
        if isinstance(found, Waiting):
            waiting.append(found)
        else:
            records.append(found)
    return FileRead(file, kind, len(records) + len(waiting), tuple(records), tuple(waiting))


def once_each(
    file: str, offers: Iterable[OfferCells], heading: str = "reference"
) -> Iterator[OfferCells]:
    """The offers, with a fault on each whose reference came before."""
    seen: set[str] = set()
    for offer in offers:
        reference = offer.cells.get("reference")
        if reference is None or reference not in seen:
            yield offer
        else:
            twice = Fault(Rule.ID_TWICE, file, offer.row, heading, reference)
            yield OfferCells(offer.row, offer.cells, (*offer.faults, twice))
        if reference is not None:
            seen.add(reference)


def made_references(offers: Iterable[OfferCells]) -> Iterator[OfferCells]:
    """The offers, each with a reference made of what it says where the source gives it none.

    It is a hash (SHA-256) of employer, occupation, site and start, so that the same offer has the
    same reference in the next list, whatever its row. Offers that agree in all of these are
    numbered in their order.
    """
    count: dict[str, int] = {}
    for offer in offers:
        if "reference" in offer.cells:
            yield offer
            continue
        words = (offer.cells.get(field, "") for field in _TELLING)
        name = hashlib.sha256("\0".join(words).casefold().encode()).hexdigest()[:_DIGITS]
        count[name] = count.get(name, 0) + 1
        reference = name if count[name] == 1 else f"{name}-{count[name]}"
        yield OfferCells(offer.row, {"reference": reference, **offer.cells}, offer.faults)


def at_each_site(
    cells: Mapping[str, str], sites: Iterable[tuple[str, str]]
) -> Iterator[dict[str, str]]:
    """The offer once a site, each site a postcode and a town of which one may be blank.

    With several sites the postcode, or else the town, is added to the reference. An offer that
    names no site is one offer all the same.
    """
    found = [*dict.fromkeys(site for site in sites if any(site))]
    if len(found) <= 1:
        postcode, town = found[0] if found else ("", "")
        yield clean_cells([*cells.items(), ("postcode", postcode), ("town", town)])
        return
    for postcode, town in found:
        there = [("postcode", postcode), ("town", town)]
        if "reference" in cells:
            there.append(("reference", f"{cells['reference']}/{postcode or town}"))
        yield clean_cells([*cells.items(), *there])


_TELLING = ("employer", "title", "kldb", "postcode", "town", "starts")


def _occupation(row: CheckedRow, titles: Titles, *, needed: bool) -> str | None:
    """The code that `kldb` means, or where that is blank `title`."""
    field = "kldb" if "kldb" in row.cells else "title"
    if field in row.cells:
        return row.read(field, titles.code, Rule.OCCUPATION_UNKNOWN)
    if needed:
        row.blame("title", Rule.VALUE_MISSING)
    return None


def _waiting(row: CheckedRow, titles: Titles) -> Waiting:
    waiting = row.waiting()
    unknown = any(fault.rule is Rule.OCCUPATION_UNKNOWN for fault in waiting.faults)
    written = row.cells.get("title") or row.cells.get("kldb")
    codes = titles.nearest(written) if unknown and written else ()
    cells = {field: text for field, text in waiting.cells.items() if field not in _OURS}
    # A note may say anything about anybody; only the one word that we ask for is kept.
    if row.cells.get("invented", "").casefold() == INVENTED:
        cells["invented"] = INVENTED
    if codes:
        cells["suggestions"] = " ".join(codes)
    return Waiting(waiting.row, cells, waiting.faults)
