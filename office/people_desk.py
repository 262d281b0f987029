"""What is held of people, and what becomes of it? Reports, exports, withdrawals, deletion."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from data.store.audit import append
from data.store.disclosure import report
from data.store.erasure import Forgotten, forget
from data.store.export import Purpose, headings, people_to_export
from data.store.finding import FoundPerson, Reason, find_person
from data.store.people import withdraw
from matching.errors import Fault, FaultyInput, Rule
from office.access import Right, User, asks
from office.reports.people_sheet import people_csv, people_xlsx, write_private
from office.store_desk import StoreDesk

__all__ = ["FoundPerson", "PeopleDesk", "Reason"]


class PeopleDesk(StoreDesk):
    """The part of the desk that answers for what is held of people."""

    @asks(Right.EXPORT_PEOPLE, school="school")
    def export_people(
        self,
        file: Path,
        by: User,
        season: str | None = None,
        school: str | None = None,
        with_names: bool = False,
        purpose: str | None = None,
    ) -> int:
        """Write everybody of a season, or of one school in it, to a CSV or XLSX file.

        Names go out for a stated `purpose` only. Returns how many people the file names. Raises
        `FaultyInput` for a missing purpose (`VALUE_MISSING`) or a file of another kind.
        """
        makes = {".csv": people_csv, ".xlsx": people_xlsx}.get(file.suffix.casefold())
        faults = []
        if makes is None:
            faults.append(Fault(Rule.FILE_KIND_UNKNOWN, str(file)))
        if with_names and purpose is None:
            faults.append(Fault(Rule.VALUE_MISSING, column="--purpose"))
        if purpose is not None and purpose not in set(Purpose):
            faults.append(Fault(Rule.VALUE_UNKNOWN, column="--purpose"))
        if faults or makes is None:
            raise FaultyInput(tuple(faults))
        if school is not None:
            self.store.for_school(school)
        reason = None if purpose is None or not with_names else Purpose(purpose)
        rows = people_to_export(self.store, self.season(season), by.name, school, reason)
        write_private(file, makes(headings(with_names), rows))
        return len(rows)

    @asks(Right.WITHDRAW_PERSON, inside=True)
    def withdraw_person(self, pseudonym: str, by: User) -> int:
        """Take a person's legal basis back: from now on nobody matches them."""
        self._check_person(Right.WITHDRAW_PERSON, pseudonym, by)
        return withdraw(self.store, pseudonym, by.name)

    @asks(Right.REPORT_PERSON, inside=True)
    def report_person(self, pseudonym: str, by: User) -> dict[str, Any]:
        """All that is held of a person, under whichever of their pseudonyms; this is logged."""
        self._check_person(Right.REPORT_PERSON, pseudonym, by)
        told = report(self.store, pseudonym)
        with self.store.transaction() as connection:
            append(connection, by.name, "person.report", pseudonym)
        return told

    @asks(Right.FORGET_PERSON, school="school")
    def find_person(
        self, number: str, by: User, reason: Reason, school: str | None = None
    ) -> FoundPerson | None:
        """Who has that number in a school's lists, or that pseudonym; to be deleted, and logged."""
        return find_person(self.store, number, school, reason, by.name)

    @asks(Right.FORGET_PERSON, inside=True)
    def forget_person(self, pseudonym: str, by: User) -> Forgotten:
        """Delete all that is held of a person, from the raw files too; figures stay."""
        self._check_person(Right.FORGET_PERSON, pseudonym, by)
        return forget(self.store, pseudonym, by.name)
