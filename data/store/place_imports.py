"""What does a list of places change? Offers by their source and its own reference, per season.

A full load names all that its source offers: what it leaves out is marked as not present. A delta
load names what changed. No place is ever deleted, and none without a sure occupation is taken:
it waits in quarantine with the nearest ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from data.intake.offer_rows import cells_of
from data.intake.offers import DELTA_KINDS, WHOLE_KINDS
from data.intake.records import FileRead, PlaceRecord, Waiting
from data.store.import_log import (
    ImportReport,
    Origin,
    begin_import,
    end_import,
    is_torn,
    keep_waiting,
    lock_imports,
    note_changes,
    plain,
)
from data.store.mappings import Headings, remember_in
from data.store.opening import Store
from data.store.seasons import register_season, training_start
from data.store.settled import Parted, parted, place_references
from data.store.tables import LONGEST_SOURCE, places
from matching.errors import Fault, FaultyInput, Rule

Row = dict[str, Any]

OFFER = (
    "employer",
    "title",
    "kldb",
    "postcode",
    "town",
    "openings",
    "requires",
    "minimum_age",
    "starts",
    "present",
    "invented",
)


def place_id(season: str, source: str, reference: str) -> str:
    """The place's id: readable, and the same whenever the offer comes again."""
    return f"{season}:{source}:{reference}"


def apply_places(
    store: Store,
    read: FileRead[PlaceRecord],
    season: str,
    by: str,
    *,
    source: str | None = None,
    complete: bool | None = None,
    sha256: str | None = None,
    said: Headings | None = None,
) -> ImportReport:
    """Take a list of places in, all of it or nothing.

    `source` tells lists apart whose references have nothing to do with each other; without one it
    is the kind of the file, of a delta load that of the whole one. `complete` says whether the file
    names all that its source offers; `None` leaves that to its kind; `said` is to be remembered of
    its headings. Raises `FaultyInput` for what is no season's name, and for a source with a colon
    or more than `LONGEST_SOURCE` letters.
    """
    origin = Origin("places", by, season, source=_source(read, source), sha256=sha256)
    with store.transaction() as connection:
        lock_imports(connection)
        remember_in(connection, said, by)
        return apply_places_in(connection, origin, read, complete=_is_full(read, complete))


def preview_places(
    store: Store,
    read: FileRead[PlaceRecord],
    season: str,
    *,
    source: str | None = None,
    complete: bool | None = None,
    sha256: str | None = None,
) -> ImportReport:
    """What `apply_places` would report, its `import_id` 0; nothing is written."""
    training_start(season)
    origin = Origin("places", "", season, source=_source(read, source), sha256=sha256)
    with store.reading() as connection:
        found = _compared(connection, origin, read, complete=_is_full(read, complete))
    return found.report(read)


def _source(read: FileRead[PlaceRecord], source: str | None) -> str:
    """The name that tells the list's offers from others'; no two names may become the same one."""
    if source is None or not source.strip():
        # What changed is told of the offers that a whole load named before.
        return WHOLE_KINDS.get(read.kind, read.kind)
    if len(source) > LONGEST_SOURCE:
        raise FaultyInput((Fault(Rule.CELL_TOO_LONG, column="--source", value=source[:80]),))
    # A place's id is season:source:reference.
    if ":" in source or not source.isprintable():
        raise FaultyInput((Fault(Rule.VALUE_UNKNOWN, column="--source"),))
    return source


def _is_full(read: FileRead[PlaceRecord], complete: bool | None) -> bool:
    return read.kind not in DELTA_KINDS if complete is None else complete


def apply_places_in(
    connection: Connection,
    origin: Origin,
    read: FileRead[PlaceRecord],
    *,
    complete: bool,
    kind: str = "places",
) -> ImportReport:
    """Take a list of places in within the caller's transaction."""
    assert origin.season is not None
    register_season(connection, origin.season)
    found = _compared(connection, origin, read, complete=complete, recalls=kind != "fix")
    import_id = begin_import(connection, replace(origin, kind=kind), origin.sha256)
    _write(connection, import_id, origin, found)
    keep_waiting(connection, import_id, origin, found.parted.waiting)
    report = found.report(read, import_id)
    end_import(connection, replace(origin, kind=kind), read, report)
    return report


@dataclass(frozen=True, slots=True)
class _Compared:
    """A list against the store: offers by reference as they were, and as they are to be."""

    known: Mapping[str, Row]
    new: Mapping[str, Row]
    changed: Mapping[str, Row]
    gone: Mapping[str, Row]
    parted: Parted

    def report(self, read: FileRead[PlaceRecord], import_id: int = 0) -> ImportReport:
        """The five counts and the rest."""
        waiting = self.parted.waiting
        counted = len(self.new) + len(self.changed) + len(waiting)
        faults = (*read.faults, *(fault for row in waiting for fault in row.faults))
        unheard = (
            Fault(Rule.PLACE_UNKNOWN, file, record.row, "reference", record.reference)
            for file, record in read.placed()
            if record.deleted and record.reference not in self.known
        )
        return ImportReport(
            import_id=import_id,
            rows=read.rows,
            stored=len(self.new),
            changed=len(self.changed),
            unchanged=read.rows - counted,
            merged=0,
            quarantined=len(waiting),
            gone=len(self.gone),
            dropped_columns=read.dropped_columns,
            faults=(*self.parted.left(faults), *unheard),
        )


def _compared(
    connection: Connection,
    origin: Origin,
    read: FileRead[PlaceRecord],
    *,
    complete: bool,
    recalls: bool = True,
) -> _Compared:
    """What a list changes; rows that were settled before count as such, if it `recalls` them."""
    season, source = origin.season, origin.source
    assert season is not None and source is not None
    known = _known(connection, season, source)
    waiting, wanted = _sorted_out(read, known)
    found = parted(connection, origin, waiting) if recalls else Parted(waiting, [])
    corrected = place_references(connection, season, source, (one.entry for one in found.settled))
    for reference in set(corrected.values()) - wanted.keys():
        wanted[reference] = {**known[reference], "present": True}
    new = {key: offer for key, offer in wanted.items() if key not in known}
    changed = {key: offer for key, offer in wanted.items() if key in known and offer != known[key]}
    named = wanted.keys() | {row.cells.get("reference", "") for row in waiting}
    # Of a row without a reference, or a torn one, nobody knows which offer it names.
    unsure = any("reference" not in row.cells or is_torn(row) for row in found.waiting)
    full = complete and read.rows and not unsure
    gone = {
        reference: {**offer, "present": False}
        for reference, offer in known.items()
        if full and offer["present"] and reference not in named
    }
    return _Compared(known, new, changed, gone, found)


def _known(connection: Connection, season: str, source: str) -> dict[str, Row]:
    chosen = select(places).where(places.c.season == season, places.c.source == source)
    return {
        row["reference"]: {name: row[name] for name in OFFER}
        for row in connection.execute(chosen).mappings()
    }


def _sorted_out(
    read: FileRead[PlaceRecord], known: Mapping[str, Row]
) -> tuple[list[Waiting], dict[str, Row]]:
    """The rows that wait, and the offers to come by reference; the other rows say nothing new."""
    waiting = list(read.waiting)
    wanted: dict[str, Row] = {}
    # The first row of a reference stands for it, so that a file means the same every time.
    first: dict[str, PlaceRecord] = {}
    for record in read.records:
        offer = _offer(record, known)
        told = replace(record, row=0)
        if first.setdefault(record.reference, told) != told:
            waiting.append(_turned_away(read, record, Rule.ID_TWICE, "reference"))
        elif not record.deleted and record.kldb is None:
            waiting.append(_turned_away(read, record, Rule.OCCUPATION_UNKNOWN, "kldb"))
        elif offer is not None:
            wanted.setdefault(record.reference, offer)
    return waiting, wanted


def _turned_away(
    read: FileRead[PlaceRecord], record: PlaceRecord, rule: Rule, column: str
) -> Waiting:
    cells = cells_of(record)
    if record.suggestions:
        cells["suggestions"] = " ".join(record.suggestions)
    return Waiting(record.row, cells, (Fault(rule, read.file, record.row, column),))


def _offer(record: PlaceRecord, known: Mapping[str, Row]) -> Row | None:
    """The columns to come; `None` where an offer that nobody knows is taken back."""
    if record.deleted:
        old = known.get(record.reference)
        return None if old is None else {**old, "present": False}
    offer = {name: getattr(record, name) for name in OFFER if name != "present"}
    offer["requires"] = None if record.requires is None else int(record.requires)
    return {name: offer.get(name, True) for name in OFFER}


def _write(connection: Connection, import_id: int, origin: Origin, found: _Compared) -> None:
    season, source = origin.season or "", origin.source or ""
    new, changed = found.new, {**found.changed, **found.gone}

    def row(reference: str, offer: Row) -> Row:
        return {
            "id": place_id(season, source, reference),
            "season": season,
            "source": source,
            "reference": reference,
            **offer,
        }

    if new:
        connection.execute(insert(places), [row(*told) for told in new.items()])
    if changed:
        statement = update(places).where(places.c.id == bindparam("key"))
        statement = statement.values({name: bindparam(f"new_{name}") for name in OFFER})
        connection.execute(
            statement,
            [
                {"key": place_id(season, source, reference)}
                | {f"new_{name}": value for name, value in offer.items()}
                for reference, offer in changed.items()
            ],
        )
    note_changes(connection, import_id, "place", _notes(row, found.known, new, changed))


def _notes(
    row: Any, known: Mapping[str, Row], new: Mapping[str, Row], changed: Mapping[str, Row]
) -> Iterable[Row]:
    for reference, offer in new.items():
        yield {"key": row(reference, offer)["id"], "fields": list(OFFER), "before": None}
    for reference, offer in changed.items():
        old = known[reference]
        before = {name: plain(old[name]) for name in OFFER if old[name] != offer[name]}
        yield {"key": row(reference, offer)["id"], "fields": sorted(before), "before": before}
