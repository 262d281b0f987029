"""What may a school ask for? To hand in its list after a look at it, and to see its own pupils.

Every request names the school, and `office.access` decides whether the user may ask for it. What
is another school's is answered like what is not there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from threading import Lock
from types import MappingProxyType

from data.intake.pupil_rows import PUPIL_WORDS, Context, recheck
from data.intake.reading import Upload
from data.intake.records import Basis, LegalBasis
from data.intake.template import csv_template, xlsx_template
from data.store import quarantine
from data.store.audit import append
from data.store.export import Purpose, headings, people_to_export
from data.store.house_settings import sender_of
from data.store.import_log import ImportReport
from data.store.imports import apply, preview
from data.store.mappings import Headings, mapping_of
from data.store.past_imports import ImportDetail, PastImport, past_import, past_imports
from data.store.people import withdraw
from data.store.pupil_correction import correct
from data.store.pupil_roll import (
    PAGE,
    RollPage,
    Sheet,
    Totals,
    classes_of,
    roll_page,
    sheet_of,
    totals_of,
)
from data.store.retention import TERMS, read_terms
from data.store.seasons import training_start
from data.store.undo import Undone, undo
from matching.errors import Fault, FaultyInput, Rule
from office.access import Right, User, asks
from office.drafts import DRAFTS, LONGEST_REST, Draft, corrected
from office.intake_desk import IntakeDesk, _digest
from office.list_looks import (
    Look,
    Passing,
    WaitingRow,
    columns_in,
    look_at,
    other_schools,
    waiting_row,
)
from office.reports.information import Information, information_pdf
from office.reports.letter import Sender
from office.reports.people_sheet import people_csv, people_xlsx
from office.words import Language

__all__ = ["FIELDS", "HEADINGS", "SchoolDesk", "Sheet"]

#: Which fields of a list a person may write by hand, in the order of the template.
FIELDS: tuple[str, ...] = tuple(PUPIL_WORDS.headings)

#: The heading of each field in the template.
HEADINGS: Mapping[str, str] = PUPIL_WORDS.headings


@dataclass(slots=True)
class _Told:
    """Who has seen a school's names lately: it is logged once, not at every page."""

    seen: dict[tuple[str, ...], datetime] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def is_new(self, *what: str) -> bool:
        """Whether this was not seen in the last half hour."""
        now = datetime.now(UTC)
        with self.lock:
            self.seen = {k: at for k, at in self.seen.items() if now - at < LONGEST_REST}
            return what not in self.seen

    def note(self, *what: str) -> None:
        """Count this as seen from now on; only once the log says so, or else it never would."""
        with self.lock:
            self.seen[what] = datetime.now(UTC)


_TOLD = _Told()


class SchoolDesk(IntakeDesk):
    """The part of the desk that schools come to."""

    # A list, looked at before it is taken in -----------------------------------------------------

    @asks(Right.HAND_IN_PUPILS, school="school")
    def begin_draft(
        self, files: Sequence[tuple[str, bytes]], school: str, by: User, season: str | None = None
    ) -> Draft:
        """Keep files, each a name and its bytes, to be looked at; nothing of them is stored.

        Raises `FaultyInput` where they are more than memory may hold.
        """
        self.store.for_school(school)
        uploads = tuple(Upload(name, content) for name, content in files)
        draft = Draft(uploads, self.season(season))
        DRAFTS.keep(by.name, school, draft)
        return draft

    @asks(Right.HAND_IN_PUPILS, school="school")
    def draft(self, school: str, by: User) -> Draft | None:
        """What this user has handed in for the school and not confirmed, if anything."""
        return DRAFTS.of(by.name, school)

    @asks(Right.HAND_IN_PUPILS, school="school")
    def alter_draft(
        self,
        school: str,
        by: User,
        *,
        mapping: Mapping[str, str] = MappingProxyType({}),
        correction: tuple[str, int, Mapping[str, str]] | None = None,
        complete: bool | None = None,
        consent: tuple[date, str, str] | None = None,
        by_law: bool = False,
    ) -> Draft:
        """Say more of a draft: fields of headings, cells of a row, whether all pupils are in it.

        `consent` (day, version, by whom) or `by_law` is the legal ground of rows that name none.
        Raises `FaultyInput` (`FILE_MISSING`) where there is no draft any more.
        """
        basis: LegalBasis | None = None
        if consent is not None:
            day, version, giver = consent
            basis = LegalBasis(Basis.CONSENT, day, version or None, giver or None)
        elif by_law:
            basis = LegalBasis(Basis.LAW)

        def altered(draft: Draft) -> Draft:
            told = dict(draft.corrections)
            if correction is not None:
                file, row, cells = correction
                told[file, row] = {**told.get((file, row), {}), **cells}
            return replace(
                draft,
                mapping={**draft.mapping, **mapping},
                corrections=told,
                complete=draft.complete if complete is None else complete,
                basis=basis or draft.basis,
            )

        return _there(DRAFTS.change(by.name, school, altered))

    @asks(Right.HAND_IN_PUPILS, school="school")
    def drop_draft(self, school: str, by: User) -> None:
        """Forget a draft; nothing of it was stored."""
        DRAFTS.drop(by.name, school)

    @asks(Right.HAND_IN_PUPILS, school="school")
    def look(self, school: str, by: User) -> Look:
        """What the draft would do, by name; nothing is written but that names were seen.

        A file that is refused as a whole, such as another school's list, gives its faults and its
        columns. Raises `FaultyInput`
        (`FILE_MISSING`) where there is no draft any more.
        """
        draft = self._draft(school, by)
        told = self._mapping(draft, school)
        try:
            read = self._passing(draft, school, told)
            found = preview(
                self.store,
                school,
                draft.season,
                read,
                complete=draft.complete,
                sha256=_digest(draft.files),
            )
        except FaultyInput as refusal:
            return Look(columns_in(draft.files, told), refused=refusal.faults, draft=draft)
        if others := other_schools(found):
            columns = columns_in(draft.files, read.mapping, tuple(read.guessed))
            return Look(columns, refused=others, draft=draft)
        self._note_names(school, by, "preview.names")
        look = look_at(self.store, draft.season, school, draft.files, read, found)
        return replace(look, draft=draft, again=self._came_before(draft, school))

    def _came_before(self, draft: Draft, school: str) -> int | None:
        """The import by which these very files came in, if they did and it still counts."""
        digest = _digest(draft.files)
        past = past_imports(self.store, season=draft.season, school=school)
        same = (one.id for one in past if one.sha256 == digest and one.undone_at is None)
        return next(same, None)

    @asks(Right.HAND_IN_PUPILS, school="school")
    def confirm_draft(self, school: str, by: User, shown: Look) -> ImportReport:
        """Take the draft in, as it was shown, and remember what its columns mean.

        Raises `FaultyInput` with `CHANGED_SINCE` where it would now do something else than was
        shown, and with whatever refuses the file; then nothing is kept.
        """
        draft = self._draft(school, by)
        told = self._mapping(draft, school)
        if shown.preview is None:
            raise FaultyInput(shown.refused or (Fault(Rule.FILE_MISSING),))
        if shown.draft != draft:
            raise FaultyInput((Fault(Rule.CHANGED_SINCE),))
        confirmed = {one.heading: one.field for one in shown.columns if one.field and one.guessed}
        report = apply(
            self.store,
            school,
            draft.season,
            self._passing(draft, school, told),
            by.name,
            complete=draft.complete,
            expected=shown.preview,
            sha256=_digest(draft.files),
            said=Headings(school, {**confirmed, **draft.mapping}),
        )
        DRAFTS.drop(by.name, school, draft)
        return report

    def _draft(self, school: str, by: User) -> Draft:
        return _there(DRAFTS.of(by.name, school))

    def _mapping(self, draft: Draft, school: str) -> dict[str, str]:
        """What the school said of its headings, before and now."""
        return mapping_of(self.store, school) | dict(draft.mapping)

    def _passing(self, draft: Draft, school: str, told: Mapping[str, str]) -> Passing:
        reading = self._read_lists(draft.files, school, told, draft.basis, draft.season)
        start, folder = training_start(draft.season), self.settings.data_folder
        return Passing(
            [corrected(parts, draft.corrections, school, start, folder) for parts in reading.lists]
        )

    # What came in so far -------------------------------------------------------------------------

    @asks(Right.SEE_IMPORTS, school="school")
    def own_imports(
        self, school: str, by: User, season: str | None = None
    ) -> tuple[PastImport, ...]:
        """What the school has handed in this season, newest first."""
        return past_imports(self.store, season=self.season(season), school=school)

    @asks(Right.SEE_IMPORTS, school="school")
    def own_import(self, import_id: int, school: str, by: User) -> ImportDetail:
        """One import of the school; raises `FaultyInput` (`IMPORT_UNKNOWN`) for any other."""
        found = past_import(self.store, import_id)
        if found.taken.school != school:
            raise FaultyInput((Fault(Rule.IMPORT_UNKNOWN, value=str(import_id)),))
        return found

    @asks(Right.UNDO_IMPORTS, school="school")
    def take_back(self, import_id: int, school: str, by: User) -> Undone:
        """Take an import of the school back; raises `FaultyInput` as `undo_import` does."""
        found = past_import(self.store, import_id)
        if found.taken.school != school:
            raise FaultyInput((Fault(Rule.IMPORT_UNKNOWN, value=str(import_id)),))
        return undo(self.store, import_id, by.name)

    # Rows that wait ------------------------------------------------------------------------------

    @asks(Right.SEE_WAITING_ROWS, school="school")
    def waiting_rows(self, school: str, by: User) -> tuple[WaitingRow, ...]:
        """The school's rows that came in with faults and wait, each with its faults."""
        found = quarantine.entries(self.store, school=school, kind="pupils")
        if found:
            self._note_names(school, by, "quarantine.read")
        headings_of = {
            number: past_import(self.store, number).taken.mapping
            for number in {one.import_id for one in found}
        }
        return tuple(
            waiting_row(
                next((fault.file for fault in one.faults if fault.file), ""),
                one.row,
                one.cells,
                one.faults,
                headings_of[one.import_id],
                one.season or self.season(),
                one.id,
            )
            for one in found
        )

    @asks(Right.SETTLE_WAITING_ROWS, school="school")
    def settle_row(
        self, entry_id: int, corrections: Mapping[str, str], school: str, by: User
    ) -> ImportReport | tuple[Fault, ...]:
        """Correct one of the school's waiting rows: it comes in, or its faults come back."""
        entry = self._own_entry(entry_id, school)
        mapping = past_import(self.store, entry.import_id).taken.mapping
        context = Context(
            school=school,
            training_start=training_start(entry.season or self.season()),
            occupations=self.settings.data_folder,
            # What the list has a column for may be missing in the row.
            headings={name: heading for heading, name in mapping.items()},
        )
        return quarantine.fix(
            self.store, entry_id, corrections, lambda cells: recheck(cells, context), by.name
        )

    @asks(Right.SETTLE_WAITING_ROWS, school="school")
    def leave_out_row(self, entry_id: int, reason: str, school: str, by: User) -> None:
        """Rule that one of the school's waiting rows is not to come in, and say why."""
        self._own_entry(entry_id, school)
        quarantine.dismiss(self.store, entry_id, reason, by.name)

    def _own_entry(self, entry_id: int, school: str) -> quarantine.Entry:
        own = quarantine.entries(self.store, school=school, kind="pupils", status=None)
        found = next((one for one in own if one.id == entry_id), None)
        if found is None:
            fault = Fault(Rule.VALUE_UNKNOWN, column="quarantine", value=str(entry_id))
            raise FaultyInput((fault,))
        return found

    # Own pupils ----------------------------------------------------------------------------------

    @asks(Right.SEE_PUPILS, school="school")
    def pupils(
        self,
        school: str,
        by: User,
        *,
        search: str = "",
        school_class: str | None = None,
        offset: int = 0,
        limit: int = PAGE,
        season: str | None = None,
    ) -> RollPage:
        """Some of the school's pupils, by name; it is logged once a session that they were seen."""
        self._note_names(school, by, "roll.read")
        return roll_page(
            self.store.for_school(school),
            self.season(season),
            school,
            search=search,
            school_class=school_class,
            offset=offset,
            limit=limit,
        )

    @asks(Right.SEE_PUPILS, school="school")
    def classes(self, school: str, by: User, season: str | None = None) -> tuple[str, ...]:
        """The classes of the school's pupils."""
        return classes_of(self.store.for_school(school), self.season(season), school)

    @asks(Right.SEE_PUPILS, school="school")
    def totals(self, school: str, by: User, season: str | None = None) -> Totals:
        """How many pupils the school has in the store, and how they stand."""
        return totals_of(self.store.for_school(school), self.season(season), school)

    @asks(Right.SEE_PUPILS, school="school")
    def pupil(self, pseudonym: str, school: str, by: User, season: str | None = None) -> Sheet:
        """All that the school sees of one of its pupils.

        Raises `FaultyInput` (`SEEKER_UNKNOWN`) for everybody else.
        """
        self._note_names(school, by, "roll.read")
        return sheet_of(self.store.for_school(school), self.season(season), school, pseudonym)

    @asks(Right.CORRECT_PUPILS, school="school")
    def correct_pupil(
        self,
        pseudonym: str,
        cells: Mapping[str, str],
        school: str,
        by: User,
        season: str | None = None,
        *,
        seen: Mapping[str, str] = MappingProxyType({}),
    ) -> ImportReport | tuple[Fault, ...]:
        """Write some cells of a pupil anew, through the check of lists; faults come back.

        `seen` are the cells as they were shown: what somebody else has corrected since comes back
        as `CHANGED_SINCE`, and nothing is written.
        """
        at = self.season(season)
        context = Context(
            school=school, training_start=training_start(at), occupations=self.settings.data_folder
        )
        return correct(
            self.store,
            at,
            school,
            pseudonym,
            cells,
            lambda told: recheck(told, context),
            by.name,
            seen,
        )

    @asks(Right.WITHDRAW_PERSON, school="school")
    def withdraw_pupil(
        self, pseudonym: str, school: str, by: User, season: str | None = None
    ) -> int:
        """Take a pupil's legal basis back, at once and for good; raises as `pupil` does."""
        at = self.season(season)
        sheet_of(self.store.for_school(school), at, school, pseudonym)
        self._check_person(Right.WITHDRAW_PERSON, pseudonym, by, at)
        return withdraw(self.store, pseudonym, by.name)

    @asks(Right.EXPORT_PEOPLE, school="school")
    def own_list(self, school: str, by: User, kind: str, season: str | None = None) -> bytes:
        """The school's own pupils with their names, as `csv` or `xlsx`; each time it is logged."""
        makes = {"csv": people_csv, "xlsx": people_xlsx}.get(kind)
        if makes is None:
            raise FaultyInput((Fault(Rule.FILE_KIND_UNKNOWN),))
        rows = people_to_export(self.store, self.season(season), by.name, school, Purpose.SCHOOL)
        return makes(headings(True), rows)

    # To take along -------------------------------------------------------------------------------

    @asks(Right.TAKE_TEMPLATE)
    def template(self, kind: str, by: User) -> bytes:
        """The list that a school may fill in by hand, as `csv` or `xlsx`."""
        makes = {"csv": csv_template, "xlsx": xlsx_template}.get(kind)
        if makes is None:
            raise FaultyInput((Fault(Rule.FILE_KIND_UNKNOWN),))
        return makes()

    @asks(Right.TAKE_TEMPLATE)
    def information_sheet(self, language: Language, by: User) -> bytes:
        """What pupils and parents get to read, as PDF; an invented office's until it is set.

        Raises `FaultyInput` with every fault of the office's own file of terms.
        """
        file, told = self.settings.terms_file, sender_of(self.store)
        terms = TERMS if file is None else read_terms(file)
        if told is None:
            return information_pdf(_invented_office(), language, terms)
        sender = Sender(**told)
        officer = sender.officer or sender.email
        return information_pdf(Information(sender, date.today(), officer), language, terms)

    def _note_names(self, school: str, by: User, action: str) -> None:
        """Log that somebody has seen the names of a school's pupils, once in a while."""
        seen = self.settings.store, by.name, school, action
        if _TOLD.is_new(*seen):
            with self.store.transaction() as connection:
                append(connection, by.name, action, f"school {school}", ["first_name", "surname"])
        _TOLD.note(*seen)


def _there(draft: Draft | None) -> Draft:
    if draft is None:
        raise FaultyInput((Fault(Rule.FILE_MISSING),))
    return draft


def _invented_office() -> Information:
    sender = Sender(
        "Jugendberufsagentur (erfunden)",
        "Beispielweg 1",
        "33330 Gütersloh",
        "05241 000000",
        "info@jugendberufsagentur.example",
    )
    return Information(
        sender, date.today(), "datenschutz@jugendberufsagentur.example", invented=True
    )
