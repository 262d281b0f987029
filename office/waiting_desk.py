"""What waits for somebody's decision? Rows to correct, titles to confirm, doubles to rule on.

Nothing is ever guessed here: a row comes in when it passes its reader's check, a title means what
a person said it means.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal

from data.intake.contacts import recheck_contact
from data.intake.offer_rows import NOT_SAID, OFFER_KIND, recheck_offer
from data.intake.outcomes import recheck_outcome
from data.intake.pupil_rows import Context, recheck
from data.reference.occupations import title_of
from data.reference.titles import Titles, title_key
from data.store import quarantine
from data.store.audit import append
from data.store.doubles import Doubtful, decide, doubtful
from data.store.export import Purpose
from data.store.import_log import ImportReport
from data.store.mappings import confirm_title, confirmed_titles, forget_title
from data.store.quarantine import Entry
from data.store.seasons import training_start
from matching.errors import Fault, FaultyInput, Rule
from office.access import Right, User, asks, require
from office.store_desk import StoreDesk

__all__ = ["Confirmed", "Corrected", "Entry", "Kind", "OpenTitle", "Purpose", "WaitingDesk"]

Kind = Literal["pupils", "places", "outcomes", "contacts"]


@dataclass(frozen=True, slots=True)
class Corrected:
    """A row that came in; `title` is an offer's title that is remembered now to mean `kldb`."""

    report: ImportReport
    title: str | None = None
    kldb: str | None = None


@dataclass(frozen=True, slots=True)
class OpenTitle:
    """A title that no table knows: how many rows wait for it, and the nearest codes with titles."""

    title: str
    rows: int
    suggestions: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A title whose occupation somebody said: the imports of rows that came in, rows that wait."""

    title: str
    kldb: str
    imports: tuple[int, ...]
    waiting: int


def _silent(entry: Entry) -> Entry:
    """A row without what its cells say; its faults would repeat it."""
    faults = tuple(replace(fault, value=None) for fault in entry.faults)
    return replace(entry, cells=dict.fromkeys(entry.cells, ""), faults=faults)


class WaitingDesk(StoreDesk):
    """The part of the desk where decisions are taken."""

    @asks(Right.SEE_WAITING_ROWS, school="school")
    def quarantined(
        self,
        by: User,
        school: str | None = None,
        kind: Kind | None = None,
        import_id: int | None = None,
        status: str | None = "waiting",
        with_cells: bool = False,
    ) -> tuple[Entry, ...]:
        """The rows that wait, with every fault.

        What they say (names among it), in their cells or their faults, is there `with_cells` only,
        and that is logged.
        """
        found = quarantine.entries(
            self.store, school=school, kind=kind, import_id=import_id, status=status
        )
        if not with_cells:
            return tuple(map(_silent, found))
        subject = "store" if school is None else f"school {school}"
        with self.store.transaction() as connection:
            append(connection, by.name, "quarantine.read", subject, ["cells"])
        return found

    @asks(Right.SEE_WAITING_ROWS, school="school")
    def waiting_page(
        self,
        by: User,
        school: str | None = None,
        kind: Kind | None = None,
        import_id: int | None = None,
        offset: int = 0,
        limit: int = 25,
    ) -> tuple[tuple[Entry, ...], int]:
        """Some of the rows that wait and how many do in all; nothing of what their cells say."""
        found, total = quarantine.waiting_page(
            self.store, school=school, kind=kind, import_id=import_id, offset=offset, limit=limit
        )
        return tuple(map(_silent, found)), total

    @asks(Right.SEE_WAITING_ROWS, inside=True)
    def open_row(self, entry_id: int, purpose: Purpose, by: User) -> Entry:
        """One row that waits, with what its cells say, names among it; this is logged."""
        entry = self._entry(entry_id)
        require(by, Right.SEE_WAITING_ROWS, entry.school)
        with self.store.transaction() as connection:
            append(
                connection,
                by.name,
                f"quarantine.read.{purpose}",
                f"quarantine {entry_id}",
                ["cells"],
            )
        return entry

    @asks(Right.SEE_WAITING_ROWS)
    def waiting_counts(self, by: User) -> Mapping[str, int]:
        """How much waits for somebody: rows by kind, and `doubles` that nobody decided."""
        return quarantine.waiting_counts(self.store)

    @asks(Right.SETTLE_WAITING_ROWS, inside=True)
    def fix_row(
        self, entry_id: int, corrections: Mapping[str, str], by: User
    ) -> Corrected | tuple[Fault, ...]:
        """Correct a waiting row; what is still wrong is returned, and the row stays as it was.

        `corrections` are by field or by a known heading. Who gives an offer its occupation has
        confirmed its title: the next list reads it.
        """
        entry = self._entry(entry_id)
        require(by, Right.SETTLE_WAITING_ROWS, entry.school)
        named = quarantine.by_field(entry.kind, corrections)
        if isinstance(named, tuple):
            return named
        check = partial(self._recheck, entry, confirmed_titles(self.store))
        result = quarantine.fix(self.store, entry_id, named, check, by.name)
        if isinstance(result, tuple):
            return result
        asked = any(fault.rule is Rule.OCCUPATION_UNKNOWN for fault in entry.faults)
        title, kldb = entry.cells.get("title"), named.get("kldb", "").strip()
        if not (asked and entry.kind == "places" and title and kldb and "title" not in named):
            return Corrected(result)
        titles = self._titles()
        code = titles.code(kldb)
        if code is None or titles.code(title) is not None:
            return Corrected(result)
        confirm_title(self.store, title_key(title), code, by.name)
        return Corrected(result, title, kldb)

    @asks(Right.SETTLE_WAITING_ROWS, inside=True)
    def dismiss_row(self, entry_id: int, reason: str, by: User) -> None:
        """Rule that a waiting row is not to come in, and say why."""
        require(by, Right.SETTLE_WAITING_ROWS, self._entry(entry_id).school)
        quarantine.dismiss(self.store, entry_id, reason, by.name)

    @asks(Right.SETTLE_TITLES)
    def open_titles(self, by: User) -> tuple[OpenTitle, ...]:
        """Titles that no table knows and that rows wait for, the most frequent first."""
        waiting = self._waiting_titles()
        count = Counter(title_key(entry.cells["title"]) for entry in waiting)
        first = {title_key(entry.cells["title"]): entry for entry in reversed(waiting)}
        folder = self.settings.data_folder
        return tuple(
            OpenTitle(
                first[key].cells["title"],
                rows,
                {
                    code: title_of(code, folder)
                    for code in first[key].cells.get("suggestions", "").split()
                },
            )
            for key, rows in count.most_common()
        )

    @asks(Right.SETTLE_TITLES)
    def titles_confirmed(self, by: User) -> dict[str, str]:
        """The code of each title that somebody confirmed."""
        return confirmed_titles(self.store)

    @asks(Right.SETTLE_TITLES)
    def confirm_title(self, title: str, kldb: str, by: User) -> Confirmed:
        """Say which occupation a title means: rows that wait for it come in, later lists read it.

        Raises `FaultyInput` for a code that is none (`OCCUPATION_UNKNOWN`), and for a title that
        says nothing (`VALUE_MISSING`) or means an occupation without anybody's help
        (`TITLE_KNOWN`).
        """
        key = title_key(title)
        sure = Titles(self.settings.data_folder)
        faults = []
        if not key:
            faults.append(Fault(Rule.VALUE_MISSING, column="title"))
        elif sure.code(title) is not None:
            faults.append(Fault(Rule.TITLE_KNOWN, column="title", value=title[:80]))
        if not kldb.isdecimal() or sure.code(kldb) is None:
            faults.append(Fault(Rule.OCCUPATION_UNKNOWN, column="kldb", value=kldb[:80]))
        if faults:
            raise FaultyInput(tuple(faults))
        confirm_title(self.store, key, kldb, by.name)
        imports, waiting = [], 0
        confirmed = confirmed_titles(self.store)
        for entry in self._waiting_titles():
            if title_key(entry.cells["title"]) == key:
                check = partial(self._recheck, entry, confirmed)
                result = quarantine.fix(self.store, entry.id, {}, check, by.name)
                if isinstance(result, tuple):
                    waiting += 1
                else:
                    imports.append(result.import_id)
        return Confirmed(title, kldb, tuple(imports), waiting)

    @asks(Right.SETTLE_TITLES)
    def forget_title(self, title: str, by: User) -> None:
        """Ask again what a title means; raises `FaultyInput` for one that nobody confirmed."""
        if not forget_title(self.store, title_key(title), by.name):
            raise FaultyInput((Fault(Rule.VALUE_UNKNOWN, column="title", value=title[:80]),))

    @asks(Right.SETTLE_DUPLICATES)
    def duplicates(self, by: User, decided: bool = False) -> tuple[Doubtful, ...]:
        """The pairs of records that may be one person; those decided too, if asked."""
        return doubtful(self.store, decided=decided)

    @asks(Right.SETTLE_DUPLICATES)
    def decide_duplicate(self, one: str, other: str, same: bool, by: User) -> None:
        """Rule that two records are one person, or that they are not."""
        decide(self.store, one, other, same=same, by=by.name)

    def _titles(self) -> Titles:
        return Titles(self.settings.data_folder, confirmed_titles(self.store))

    def _waiting_titles(self) -> list[Entry]:
        return [
            entry
            for entry in quarantine.entries(self.store, kind="places")
            if entry.cells.get("title")
            and any(fault.rule is Rule.OCCUPATION_UNKNOWN for fault in entry.faults)
        ]

    def _entry(self, entry_id: int) -> Entry:
        every = quarantine.entries(self.store, status=None)
        entry = next((one for one in every if one.id == entry_id), None)
        if entry is None:
            value = str(entry_id)
            raise FaultyInput((Fault(Rule.VALUE_UNKNOWN, column="quarantine", value=value),))
        return entry

    def _recheck(self, entry: Entry, confirmed: Mapping[str, str], cells: Mapping[str, str]) -> Any:
        """The check of the reader that turned the row away."""
        folder = self.settings.data_folder
        if entry.kind == "places":
            if OFFER_KIND in entry.cells:
                # Emptied, the cell says no more than the source did.
                cells = {OFFER_KIND: NOT_SAID, **cells}
            return recheck_offer(cells, entry.row, folder, confirmed)
        if entry.kind == "outcomes":
            return recheck_outcome(cells, entry.row, entry.school)
        if entry.kind == "contacts":
            return recheck_contact(cells, entry.row, entry.school)
        context = Context(
            school=entry.school,
            training_start=None if entry.season is None else training_start(entry.season),
            occupations=folder,
        )
        return recheck(cells, context, entry.row)
