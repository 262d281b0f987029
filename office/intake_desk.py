"""What comes in? Lists of schools, places, outcomes and contacts: read, checked, kept, taken back.

A command's files are one delivery and one transaction: all of it comes in, with the rows that wait
in quarantine, or nothing. What columns mean is remembered for the school that said so.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

from data.intake.checks import attempt, in_order
from data.intake.columns import Words, read_mapping
from data.intake.contacts import CONTACT_WORDS, read_contacts
from data.intake.guard import guarded_content
from data.intake.offers import OFFER_WORDS, read_offers
from data.intake.outcomes import OUTCOME_WORDS, read_outcomes
from data.intake.pupil_rows import LAW, PUPIL_WORDS, today
from data.intake.pupils import read_pupils, school_files
from data.intake.reading import Source, content_of
from data.intake.records import Basis, FileRead, LegalBasis, PupilRecord, Record
from data.intake.template import csv_template, xlsx_template
from data.store.audit import append
from data.store.import_log import ImportReport
from data.store.imports import Preview, apply, preview
from data.store.mappings import Headings, confirmed_titles, mapping_of
from data.store.outcome_imports import apply_contacts, apply_outcomes, preview_told
from data.store.past_imports import (
    FILES,
    ImportDetail,
    ImportedBy,
    ImportPage,
    PastImport,
    faults_of_import,
    import_page,
    imported_by,
    past_import,
    past_imports,
)
from data.store.persons import names_of
from data.store.place_imports import apply_places, preview_places
from data.store.seasons import is_known, training_start
from data.store.undo import Undoing, Undone, undo, undoing
from matching.errors import Fault, FaultyInput, Rule
from office.access import Right, User, asks, require
from office.waiting_desk import Kind, WaitingDesk

__all__ = [
    "FILES",
    "Delivery",
    "ImportDetail",
    "ImportPage",
    "IntakeDesk",
    "PastImport",
    "Undoing",
]


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a command's files came to, or on a dry run would come to.

    `report` counts every row once; its `import_id` is `None` here where nothing was written.
    `guessed` are the headings whose field is a guess to be confirmed; `new_school` says that
    nothing came in of this school before, so its number may be a slip. A dry run of a list has its
    `preview`: who is new, changed, gone; `names` of them, by pseudonym or else by row, are there
    only for whoever asked by name.
    """

    kind: Kind
    files: tuple[str, ...]
    season: str | None
    school: str | None
    report: ImportReport
    mapping: Mapping[str, str]
    guessed: tuple[str, ...]
    dry_run: bool = False
    new_school: bool = False
    preview: Preview | None = None
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def faults(self) -> tuple[Fault, ...]:
        """Every fault once, as a reader of the files meets them."""
        return in_order(dict.fromkeys(self.report.faults), self.files)

    @property
    def import_id(self) -> int | None:
        """The number by which the import is shown and taken back."""
        return None if self.dry_run else self.report.import_id


@dataclass(slots=True)
class _Reading:
    """The parts of several lists as one, and what they said of their columns on the way by."""

    lists: Sequence[Iterator[FileRead[PupilRecord]]]
    with_names: bool = False
    names: dict[int, list[str]] = field(default_factory=dict)
    mapping: dict[str, str] = field(default_factory=dict)
    guessed: dict[str, None] = field(default_factory=dict)

    def __iter__(self) -> Iterator[FileRead[PupilRecord]]:
        for parts in self.lists:
            for part in parts:
                self.mapping |= part.mapping
                self.guessed |= dict.fromkeys(part.guessed)
                for record in part.records if self.with_names else ():
                    name = ", ".join(filter(None, (record.surname, record.first_name)))
                    self.names.setdefault(record.row, []).append(name)
                yield part


class IntakeDesk(WaitingDesk):
    """The part of the desk where files are handed in."""

    @asks(Right.HAND_IN_PUPILS, school="school")
    def import_school_lists(
        self,
        sources: Sequence[Source],
        by: User,
        school: str | None = None,
        season: str | None = None,
        mapping: Source | None = None,
        basis: LegalBasis = LAW,
        complete: bool = True,
        dry_run: bool = False,
        with_names: bool = False,
    ) -> Delivery:
        """Take in what a school hands over; a dry run says the same and writes nothing.

        A dry run names whoever is new, changed or gone `with_names` only; that is logged.
        Without `school` each row must name its own. A list that is not `complete` leaves nobody
        gone. Raises `FaultyInput` where a file is refused as a whole; then nothing is kept.
        """
        at = self.season(season)
        if school is not None:
            self.store.for_school(school)
        given = self._given(mapping, PUPIL_WORDS)
        told = (mapping_of(self.store, school) if school else {}) | given
        reading = self._read_lists(sources, school, told, basis, at)
        digest = _digest(sources)
        new_school = school is not None and not is_known(self.store, school)
        found, names = None, {}
        if dry_run:
            reading.with_names = with_names
            found = preview(self.store, school, at, reading, complete=complete, sha256=digest)
            report = found.report()
            if with_names:
                names = self._names_in(found, reading, school, by.name)
        else:
            report = apply(
                self.store,
                school,
                at,
                reading,
                by.name,
                complete=complete,
                sha256=digest,
                said=None if school is None else Headings(school, given),
            )
        return Delivery(
            "pupils",
            tuple(map(str, sources)),
            at,
            school,
            report,
            reading.mapping,
            tuple(reading.guessed),
            dry_run,
            new_school,
            found,
            names,
        )

    def _names_in(
        self, found: Preview, reading: _Reading, school: str | None, asked_by: str
    ) -> dict[str, str]:
        """Who is meant by a preview: those the store knows, and new people by their rows.

        In several files a row's number may mean several people; then it names none of them.
        """
        known = [*found.gone, *(one.pseudonym for one in found.changed)]
        with self.store.transaction() as connection:
            names = names_of(connection, known)
            subject = "store" if school is None else f"school {school}"
            append(connection, asked_by, "preview.names", subject, ["first_name", "surname"])
        new = {str(row): reading.names.get(row, []) for row in found.new}
        return names | {row: meant[0] for row, meant in new.items() if len(meant) == 1}

    def _read_lists(
        self,
        sources: Sequence[Source],
        school: str | None,
        mapping: Mapping[str, str],
        basis: LegalBasis,
        season: str,
    ) -> _Reading:
        """Open every list; raises with the faults of all files that are refused."""
        faults: list[Fault] = []
        if basis.kind is Basis.CONSENT and basis.given_on is None:
            faults.append(Fault(Rule.VALUE_MISSING, column="consent_on"))
        if basis.given_on is not None and basis.given_on > today():
            faults.append(Fault(Rule.DATE_OUT_OF_RANGE, column="consent_on"))
        for source in sources:
            attempt(faults, guarded_content, source)
        if faults:
            raise FaultyInput(tuple(faults))
        lists = []
        for group in school_files(sources):
            parts = attempt(
                faults,
                read_pupils,
                group,
                school,
                mapping,
                basis,
                training_start(season),
                occupations=self.settings.data_folder,
            )
            lists.append(_complete(parts or iter(()), school, basis))
        if faults:
            raise FaultyInput(tuple(faults))
        return _Reading(lists)

    @asks(Right.HAND_IN_PLACES)
    def import_places(
        self,
        sources: Sequence[Source],
        by: User,
        season: str | None = None,
        source: str | None = None,
        mapping: Source | None = None,
        complete: bool | None = None,
        dry_run: bool = False,
    ) -> Delivery:
        """Take in offers of training places; `source` tells one provider's lists from others'.

        A dry run says the same and writes nothing.
        """
        at = self.season(season)
        given = self._given(mapping, OFFER_WORDS)
        key = _mapping_key("places", source)
        told = mapping_of(self.store, key) | given
        confirmed = confirmed_titles(self.store)
        read = read_offers(sources, told, self.settings.data_folder, confirmed)
        how: Any = {"source": source, "complete": complete, "sha256": _digest(sources)}
        if dry_run:
            report = preview_places(self.store, read, at, **how)
        else:
            said = Headings(key, given)
            report = apply_places(self.store, read, at, by.name, said=said, **how)
        return _delivery("places", sources, at, None, read, report, dry_run)

    @asks(Right.HAND_IN_OUTCOMES, school="school")
    def import_outcomes(
        self,
        sources: Sequence[Source],
        by: User,
        season: str | None = None,
        school: str | None = None,
        mapping: Source | None = None,
        dry_run: bool = False,
    ) -> Delivery:
        """Take in what became of people; without `season` each row counts in that of its day."""
        asked = sources, by, season, school, mapping, dry_run
        return self._told("outcomes", OUTCOME_WORDS, read_outcomes, apply_outcomes, *asked)

    @asks(Right.HAND_IN_CONTACTS, school="school")
    def import_contacts(
        self,
        sources: Sequence[Source],
        by: User,
        season: str | None = None,
        school: str | None = None,
        mapping: Source | None = None,
        dry_run: bool = False,
    ) -> Delivery:
        """Take in what happened between people and places, as `import_outcomes` does."""
        asked = sources, by, season, school, mapping, dry_run
        return self._told("contacts", CONTACT_WORDS, read_contacts, apply_contacts, *asked)

    def _told(
        self,
        kind: Literal["outcomes", "contacts"],
        words: Words,
        read_one: Callable[[Source, str | None, Mapping[str, str]], FileRead[Record]],
        take_in: Callable[..., ImportReport],
        sources: Sequence[Source],
        by: User,
        season: str | None,
        school: str | None,
        mapping: Source | None,
        dry_run: bool,
    ) -> Delivery:
        """Take in lists of what became of people, or of what happened between them and firms."""
        if school is not None:
            self.store.for_school(school)
        given = self._given(mapping, words)
        key = _mapping_key(kind, school)
        told = mapping_of(self.store, key) | given
        read: Any = _one_list([partial(read_one, one, school, told) for one in sources])
        how: Any = {"season": season, "school": school, "sha256": _digest(sources)}
        if dry_run:
            report = preview_told(self.store, read, kind, **how)
        else:
            report = take_in(self.store, read, by.name, said=Headings(key, given), **how)
        return _delivery(kind, sources, season, school, read, report, dry_run)

    @asks(Right.SEE_IMPORTS, school="school")
    def imports(
        self, by: User, season: str | None = None, school: str | None = None
    ) -> tuple[PastImport, ...]:
        """What has come in so far, newest first."""
        return past_imports(self.store, season=season, school=school)

    @asks(Right.SEE_IMPORTS, school="school")
    def import_page(
        self,
        by: User,
        season: str | None = None,
        school: str | None = None,
        kind: str | None = None,
        offset: int = 0,
        limit: int = 25,
    ) -> ImportPage:
        """Some of what has come in, newest first."""
        return import_page(
            self.store, season=season, school=school, kind=kind, offset=offset, limit=limit
        )

    @asks(Right.SEE_IMPORTS)
    def imported_by(self, by: User) -> ImportedBy:
        """Of which seasons and schools anything has come in."""
        return imported_by(self.store)

    @asks(Right.SEE_IMPORTS, inside=True)
    def faults_of_import(self, import_id: int, by: User) -> Mapping[tuple[Rule, str | None], int]:
        """Which rules the rows broke that an import left waiting, in which columns."""
        self._check_import(Right.SEE_IMPORTS, import_id, by)
        return faults_of_import(self.store, import_id)

    @asks(Right.UNDO_IMPORTS, inside=True)
    def undoing(self, import_id: int, by: User) -> Undoing:
        """What taking an import back would do, and what stands against it."""
        self._check_import(Right.UNDO_IMPORTS, import_id, by)
        return undoing(self.store, import_id)

    @asks(Right.SEE_IMPORTS, inside=True)
    def show_import(self, import_id: int, by: User) -> ImportDetail:
        """One import: how it was read, what came of it, what still waits."""
        self._check_import(Right.SEE_IMPORTS, import_id, by)
        return past_import(self.store, import_id)

    @asks(Right.UNDO_IMPORTS, inside=True)
    def undo_import(self, import_id: int, by: User) -> Undone:
        """Take an import back; raises `FaultyInput` with whatever was built on it since."""
        self._check_import(Right.UNDO_IMPORTS, import_id, by)
        return undo(self.store, import_id, by.name)

    def _check_import(self, right: Right, import_id: int, by: User) -> None:
        """Let pass whose import it is; to everybody else it is not there."""
        require(by, right, past_import(self.store, import_id).taken.school)

    @asks(Right.TAKE_TEMPLATE)
    def write_template(self, file: Path, by: User) -> None:
        """Write the list that a school may fill in by hand; CSV or XLSX by the file's name."""
        writes = {".csv": csv_template, ".xlsx": xlsx_template}.get(file.suffix.casefold())
        if writes is None:
            raise FaultyInput((Fault(Rule.FILE_KIND_UNKNOWN, str(file)),))
        file.write_bytes(writes())

    def _given(self, mapping: Source | None, words: Words) -> dict[str, str]:
        return {} if mapping is None else read_mapping(mapping, words.fields)


def _complete(
    parts: Iterator[FileRead[PupilRecord]], school: str | None, basis: LegalBasis
) -> Iterator[FileRead[PupilRecord]]:
    """The parts, once it is known of which school each row is; waiting rows keep their ground.

    Without it a row with no ground, corrected later, would come in as if the law allowed it.
    """
    for part in parts:
        said = part.mapping.values()
        if school is None and "school" not in said:
            raise FaultyInput((Fault(Rule.VALUE_MISSING, part.file, column="--school"),))
        ground = _ground_cells(LegalBasis(Basis.NONE) if "consent" in said else basis)
        waiting = (
            row if "consent" in row.cells else replace(row, cells={**row.cells, **ground})
            for row in part.waiting
        )
        yield replace(part, waiting=tuple(waiting)) if ground else part


def _ground_cells(basis: LegalBasis) -> dict[str, str]:
    """The cells that say a legal ground; a ground in law is the list's own and stands in none."""
    if basis.kind is Basis.LAW:
        return {}
    cells = {
        "consent": "ja" if basis.kind is Basis.CONSENT else "nein",
        "consent_on": basis.given_on.isoformat() if basis.given_on else None,
        "consent_version": basis.version,
        "consent_giver": basis.giver,
    }
    return {name: text for name, text in cells.items() if text}


def _one_list(reads: Sequence[Callable[[], FileRead[Record]]]) -> FileRead[Record]:
    """Several lists as one; raises with the faults of all that are refused."""
    faults: list[Fault] = []
    parts = [part for read in reads if (part := attempt(faults, read)) is not None]
    if faults or not parts:
        raise FaultyInput(tuple(faults) or (Fault(Rule.FILE_MISSING),))
    return FileRead(
        file=", ".join(part.file for part in parts),
        kind=parts[0].kind,
        rows=sum(part.rows for part in parts),
        records=tuple(record for part in parts for record in part.records),
        waiting=tuple(row for part in parts for row in part.waiting),
        dropped_columns=tuple(dict.fromkeys(c for part in parts for c in part.dropped_columns)),
        mapping={heading: told for part in parts for heading, told in part.mapping.items()},
        guessed=tuple(dict.fromkeys(heading for part in parts for heading in part.guessed)),
        faults=tuple(fault for part in parts for fault in part.faults),
        parts=tuple((part.file, len(part.records)) for part in parts),
    )


def _delivery(
    kind: Kind,
    sources: Sequence[Source],
    season: str | None,
    school: str | None,
    read: FileRead[Any],
    report: ImportReport,
    dry_run: bool,
) -> Delivery:
    files = tuple(map(str, sources))
    return Delivery(kind, files, season, school, report, read.mapping, read.guessed, dry_run)


def _mapping_key(kind: str, source: str | None) -> str:
    """Under which name a mapping is remembered that is no school list's: letters, digits, dots.

    A hash tells sources apart that begin alike; the name is as long as a school's may be.
    """
    if source is None:
        return kind
    digest = hashlib.sha256(source.encode()).hexdigest()[:8]
    return re.sub(r"[^\w-]+", "_", f"{kind}_{source}")[:11] + f"_{digest}"


def _digest(sources: Sequence[Source]) -> str:
    """The SHA-256 of a file; of several, that of their digests one under the other."""
    digests = [hashlib.sha256(content_of(source)).hexdigest() for source in sources]
    return (
        digests[0] if len(digests) == 1 else hashlib.sha256("\n".join(digests).encode()).hexdigest()
    )
