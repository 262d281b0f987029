"""Whom does a counselor look after? Their work list, and who takes, keeps and hands over whom.

A counselor reaches the people whom they look after, and those whom nobody does. Names are for
counselors alone; that they were shown is logged once a session (`Purpose.COUNSELING`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from threading import Lock
from types import MappingProxyType

from data.store.accounts import accounts
from data.store.audit import append
from data.store.case_handing import case_counts, hand_over, schools_of_cases
from data.store.caseload import Asked, CasePage, caseload, people_of, schools_of
from data.store.cases import change_case
from data.store.export import Purpose
from data.store.opening import Store
from data.store.person_file import PersonFile, person_file
from data.store.progress import mark as last_change
from data.store.season_mark import season_mark
from matching.errors import Fault, FaultyInput, Rule
from matching.explain import Unplaced
from matching.reasons import NoProposal
from office.access import Right, Role, User, asks, require_person
from office.case_counts import CaseCount, Lot, counted, lots
from office.drawing import Progress
from office.renewing import Shown
from office.rulings import left_to_people
from office.season_picture import PICTURES, Picture, make_picture
from office.store_desk import StoreDesk

#: People on one page of a work list.
EACH = 25

#: Up to so many people a season is reckoned in a few seconds.
AT_ONCE = 5_000

#: As long as a session lasts at most: names that were shown are logged anew after that.
_SESSION = timedelta(hours=8)


class _Shown:
    """To whom names of a season were shown, and when that was logged last."""

    def __init__(self) -> None:
        self._at: dict[tuple[str, str, str], datetime] = {}
        self._lock = Lock()

    def is_new(self, key: tuple[str, str, str], now: datetime) -> bool:
        """Whether it must be logged."""
        with self._lock:
            last = self._at.get(key)
            return last is None or now - last >= _SESSION

    def note(self, key: tuple[str, str, str], now: datetime) -> None:
        """Count it as logged; only once it is, or else names would be shown that no row tells."""
        with self._lock:
            self._at[key] = now


_SHOWN = _Shown()


class _Marks:
    """The mark of each season, read again only once the log has gone on."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], tuple[int, str]] = {}

    def of(self, store: Store, season: str) -> str:
        """As `season_mark`, which reads all answers of the season."""
        key = store.engine.url.render_as_string(hide_password=True), season
        # Read first: a change that comes between the two is then told by the next number.
        number = last_change(store)
        known = self._known.get(key)
        if known is None or known[0] != number:
            known = self._known[key] = number, season_mark(store, season)
        return known[1]


_MARKS = _Marks()


class CasesDesk(StoreDesk):
    """The part of the desk where cases are listed, taken and handed over."""

    @asks(Right.SEE_CASELOAD)
    def caseload(
        self, by: User, asked: Asked, page: int = 0, season: str | None = None
    ) -> CasePage:
        """One page of a counselor's work list, by name; `page` counts from 0."""
        at = self.season(season)
        self._log_names(by, at)
        return caseload(self.store, at, by.name, date.today(), asked, page * EACH, EACH)

    @asks(Right.SEE_CASELOAD)
    def schools_of_season(self, by: User, season: str | None = None) -> Mapping[str, str | None]:
        """The schools to choose from, by number, with their names."""
        return schools_of(self.store, self.season(season))

    @asks(Right.SEE_CASELOAD)
    def reasons_without(self, by: User, season: str | None = None) -> Mapping[str, Unplaced] | None:
        """Who has no proposal and why, by pseudonym; `None` until the season is reckoned.

        They are of the last reckoning (`older_since`); who objects is of this moment.
        """
        at = self.season(season)
        last = PICTURES.glimpse(self.store, at, self._mark(at))
        if last is None:
            return None
        reasons = last.value.without()
        if last.older:
            for head in left_to_people(self.store):
                reasons[head] = Unplaced(head, NoProposal.BY_HAND)
        return reasons

    @asks(Right.SEE_CASELOAD)
    def older_since(self, by: User, season: str | None = None) -> datetime | None:
        """When the season was reckoned last, if the store is newer; it is being renewed then."""
        at = self.season(season)
        last = PICTURES.glimpse(self.store, at, self._mark(at))
        return None if last is None else last.as_of

    @asks(Right.SEE_CASELOAD)
    def is_reckoned_at_once(self, by: User, season: str | None = None) -> bool:
        """Whether the season is small enough for its reasons to be reckoned while a page opens."""
        return people_of(self.store, self.season(season)) <= AT_ONCE

    @asks(Right.KEEP_CASES, inside=True)
    def take_case(self, pseudonym: str, by: User, season: str | None = None) -> None:
        """Look after somebody from now on whom nobody looked after.

        Raises `FaultyInput` (`CHANGED_SINCE`) where somebody else was quicker.
        """
        self._change(pseudonym, by, season, "case.take", counselor=by.name)

    @asks(Right.KEEP_CASES, inside=True)
    def give_case_back(self, pseudonym: str, by: User, season: str | None = None) -> None:
        """Look after somebody no longer: then every counselor sees them again."""
        self._change(pseudonym, by, season, "case.give_back", counselor=None)

    @asks(Right.KEEP_CASES, inside=True)
    def contact_again(
        self,
        pseudonym: str,
        on: date | None,
        by: User,
        season: str | None = None,
        *,
        before: date | None = None,
    ) -> None:
        """Note the day on which to ask a person again, or that there is none.

        Raises `FaultyInput` (`CHANGED_SINCE`) where the day that is noted is not `before`.
        """
        known = {"contact_again": before}
        self._change(pseudonym, by, season, "case.contact_again", known, contact_again=on)

    @asks(Right.KEEP_CASES, inside=True)
    def agree_to_name(
        self,
        pseudonym: str,
        on: date | None,
        by: User,
        season: str | None = None,
        *,
        before: date | None = None,
    ) -> None:
        """Note since when a person agrees that firms are told their name; `None`: they don't.

        Raises `FaultyInput` (`CHANGED_SINCE`) where the day that is noted is not `before`.
        """
        known = {"agreed_on": before}
        self._change(pseudonym, by, season, "case.agree", known, agreed_on=on)

    @asks(Right.HAND_OVER_CASES)
    def case_counts(self, by: User, season: str | None = None) -> tuple[CaseCount, ...]:
        """How many cases each counselor has in which state; small numbers are kept back.

        Counselors without a case are among them; `None` for those whom nobody looks after.
        """
        found = case_counts(self.store, self.season(season), date.today())
        names: list[str | None] = [*sorted({*self._counselors(), *filter(None, found)}), None]
        return tuple(counted(one, found.get(one, Counter())) for one in names)

    @asks(Right.HAND_OVER_CASES)
    def counselors(self, by: User) -> tuple[str, ...]:
        """Who may take cases over, by name."""
        return tuple(sorted(self._counselors()))

    @asks(Right.HAND_OVER_CASES)
    def lots(self, giver: str | None, by: User, season: str | None = None) -> tuple[Lot, ...]:
        """What of somebody's cases can be handed over on its own: schools, small ones together."""
        return lots(schools_of_cases(self.store, self.season(season), giver))

    @asks(Right.HAND_OVER_CASES)
    def hand_over_cases(
        self,
        giver: str | None,
        to: str | None,
        by: User,
        season: str | None = None,
        of_schools: frozenset[str] | None = None,
        most: int | None = None,
    ) -> int:
        """Give cases of a counselor, or of nobody, to another one or to nobody; tells how many.

        `of_schools` are those of one of `lots`. Raises `FaultyInput` (`VALUE_UNKNOWN`) where the
        new one is no counselor, and for schools that are no lot.
        """
        at = self.season(season)
        if to is not None and to not in self._counselors():
            raise FaultyInput((Fault(Rule.VALUE_UNKNOWN, column="to"),))
        if of_schools is not None and of_schools not in {
            one.schools for one in lots(schools_of_cases(self.store, at, giver))
        }:
            raise FaultyInput((Fault(Rule.VALUE_UNKNOWN, column="school"),))
        return hand_over(self.store, at, giver, to, by.name, of_schools, most)

    def _counselors(self) -> set[str]:
        return {
            one.name
            for one in accounts(self.store)
            if one.active and any(grant.role == Role.COUNSELOR.value for grant in one.grants)
        }

    def _let_end(self) -> None:
        PICTURES.finish(self.store)
        super()._let_end()

    def _mark(self, season: str) -> str:
        return _MARKS.of(self.store, season)

    def _shown(self, season: str, progress: Progress | None) -> Shown[Picture]:
        """The last picture there is; only who asks before there is any waits for it."""
        return PICTURES.shown(self.store, season, self._mark(season), progress)

    def _picture(self, season: str, progress: Progress | None) -> Picture:
        """The picture of the present state; whoever decides waits for it."""
        mark = self._mark(season)
        return PICTURES.get(
            self.store, season, mark, lambda: make_picture(self.store, season, mark, progress)
        )

    def _file(self, pseudonym: str, by: User, season: str, right: Right) -> PersonFile:
        """A person's file, for whoever looks after them or if nobody does; else `Refused`."""
        known = person_file(self.store, season, pseudonym)
        require_person(by, right, frozenset({known.school}), known.case.counselor)
        return known

    def _change(
        self,
        pseudonym: str,
        by: User,
        season: str | None,
        action: str,
        known: Mapping[str, object] = MappingProxyType({}),
        **changes: object,
    ) -> None:
        at = self.season(season)
        file = self._file(pseudonym, by, at, Right.KEEP_CASES)
        # Whether somebody may write was answered by who looked after the person a moment ago.
        known = {"counselor": file.case.counselor, **known}
        change_case(self.store, at, file.pseudonym, by.name, action, known, **changes)

    def _log_names(self, by: User, season: str) -> None:
        key = (self.store.engine.url.render_as_string(hide_password=True), by.name, season)
        now = datetime.now(UTC)
        if _SHOWN.is_new(key, now):
            self._log(by, f"show.names.{Purpose.COUNSELING}", f"season {season}")
            _SHOWN.note(key, now)

    def _log(self, by: User, action: str, subject: str) -> None:
        with self.store.transaction() as connection:
            append(connection, by.name, action, subject)
