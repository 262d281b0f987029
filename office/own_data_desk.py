"""What may somebody ask about their own data, and what is kept of what a counselor typed?

A report of everything (GDPR Art. 15 and 20), the end of the legal basis (Art. 7), an objection to
being matched by a program (Art. 21): each for the people whom the counselor reaches.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date

from data.store.disclosure import report
from data.store.objections import object_to_matching, take_objection_back
from data.store.people import withdraw
from data.store.typed import keep_typed, typed
from office.access import Right, User, asks
from office.cases_desk import CasesDesk


class OwnDataDesk(CasesDesk):
    """The part of the desk where a person's own rights are served."""

    @asks(Right.REPORT_PERSON, inside=True)
    def own_data(self, pseudonym: str, by: User, season: str | None = None) -> bytes:
        """All that is held of a person, as JSON to hand over; this is logged."""
        at = self.season(season)
        known = self._file(pseudonym, by, at, Right.REPORT_PERSON)
        told = report(self.store, known.pseudonym)
        self._log(by, "person.report", known.pseudonym)
        return json.dumps(told, ensure_ascii=False, indent=2).encode()

    @asks(Right.WITHDRAW_PERSON, inside=True)
    def end_matching(self, pseudonym: str, by: User, season: str | None = None) -> None:
        """Take a person's legal basis back: they leave every list, and nobody matches them."""
        at = self.season(season)
        known = self._file(pseudonym, by, at, Right.WITHDRAW_PERSON)
        withdraw(self.store, known.pseudonym, by.name)

    @asks(Right.WITHDRAW_PERSON, inside=True)
    def object_to_matching(
        self, pseudonym: str, by: User, on: date | None = None, season: str | None = None
    ) -> None:
        """Note that a person objected to being matched by a program: people alone go on."""
        at = self.season(season)
        known = self._file(pseudonym, by, at, Right.WITHDRAW_PERSON)
        object_to_matching(self.store, known.pseudonym, on or date.today(), by.name)

    @asks(Right.WITHDRAW_PERSON, inside=True)
    def take_objection_back(self, pseudonym: str, by: User, season: str | None = None) -> None:
        """Note that a person wants to be matched again."""
        at = self.season(season)
        known = self._file(pseudonym, by, at, Right.WITHDRAW_PERSON)
        take_objection_back(self.store, known.pseudonym, by.name)

    @asks(Right.KEEP_CASES, inside=True)
    def typed(
        self, pseudonym: str, form: str, by: User, season: str | None = None
    ) -> Mapping[str, str]:
        """What the counselor typed into a form about a person and has not saved yet."""
        at = self.season(season)
        head = self._file(pseudonym, by, at, Right.KEEP_CASES).pseudonym
        return typed(self.store, by.name, at, head, form)

    @asks(Right.KEEP_CASES, inside=True)
    def keep_typed(
        self,
        pseudonym: str,
        form: str,
        told: Mapping[str, str],
        by: User,
        season: str | None = None,
    ) -> None:
        """Keep what stands in a form now; with nothing in it, forget it."""
        at = self.season(season)
        head = self._file(pseudonym, by, at, Right.KEEP_CASES).pseudonym
        keep_typed(self.store, by.name, at, head, form, told)
