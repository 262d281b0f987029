"""What does a counselor ask of one person? Their places, what a decision costs, what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from threading import Lock
from typing import Any

from data.intake.records import ContactStatus, Decliner, DeclineReason
from data.reference.boundaries import district_shapes
from data.store.case_steps import (
    ANSWERED,
    TAKEN_BACK,
    Answer,
    ContactLine,
    Offered,
    record,
    take_back,
)
from data.store.caseload import Asked, CaseLine, CasePage, Stage, Whose
from data.store.cases import Case, Scores, house_scores, judge, judged, scores_of, set_scores
from data.store.decisions import Ruling, rule, rulings
from data.store.person_file import Introducible, PersonFile
from data.store.season_mark import season_mark
from matching.edits import Banned, Edit, Lifted, Pinned
from matching.errors import Fault, FaultyInput, Rule
from matching.problem import Bond
from matching.scenario import Change
from office.access import Right, User, asks
from office.cases_desk import EACH
from office.counseling import Sheet
from office.doubles_desk import DoublesDesk, Pair, Purpose, Side
from office.drawing import Progress
from office.letters_desk import LettersDesk
from office.older_picture import today_of_person
from office.own_data_desk import OwnDataDesk
from office.reports.letter import Sender
from office.season_picture import PICTURES, Picture

__all__ = [
    "ANSWERED", "EACH", "TAKEN_BACK", "Answer", "Asked", "Case", "CaseLine", "CasePage",
    "ContactLine", "ContactStatus", "CounselingDesk", "DeclineReason", "Decliner", "Introducible",
    "Offered", "Pair", "PersonFile", "Purpose",
    "Ruling", "Scores", "Sender", "Side", "Stage", "Whose",
    "edit_of",
]  # fmt: skip


#: One decision after the other: each is priced and pictured with those before it.
_DECIDING = Lock()


def edit_of(seeker: str, place: str, bond: Bond | None) -> Edit:
    """The edit that a ruling is: a pin, a ban, or lifting what was ruled."""
    if bond is None:
        return Lifted(seeker, place)
    return Pinned(seeker, place) if bond is Bond.PIN else Banned(seeker, place)


class CounselingDesk(LettersDesk, OwnDataDesk, DoublesDesk):
    """The part of the desk where people are looked after one by one."""

    @asks(Right.SEE_PERSON, inside=True)
    def person(self, pseudonym: str, by: User, season: str | None = None) -> PersonFile:
        """One person's file, name and all. Raises `FaultyInput` (`SEEKER_UNKNOWN`)."""
        at = self.season(season)
        known = self._file(pseudonym, by, at, Right.SEE_PERSON)
        self._log_names(by, at)
        return known

    @asks(Right.SEE_PERSON, inside=True)
    def sheet(
        self,
        pseudonym: str,
        by: User,
        season: str | None = None,
        progress: Progress | None = None,
    ) -> Sheet | None:
        """All places of a person as the season stands today; `None` for whoever is not matched.

        Chances are on it as the counselor wants them: always, after their own judgement, or never.
        Raises as `make_picture` does; whoever comes first waits until the season is reckoned.
        Afterwards places, other people and prices are those of the last reckoning (`older_since`),
        while all that is said of the person is read from the store.
        """
        at = self.season(season)
        known = self._file(pseudonym, by, at, Right.SEE_PERSON)
        last = self._shown(at, progress)
        picture, head = last.value, known.pseudonym
        today = today_of_person(self.store, at, head) if last.older else None
        if today is None:
            is_there = head in picture.drawn.problem.seeker_number
        else:
            is_there = today.seeker is not None
        if not is_there:
            return None
        scores = scores_of(self.store, by.name)
        has_judged = scores is Scores.AFTER and bool(judged(self.store, at, head, by.name))
        scoring = scores is Scores.SHOWN or has_judged
        return picture.sheet(head, scoring, self.settings.data_folder, today)

    @asks(Right.SEE_CASELOAD)
    def reckon_season(
        self, by: User, season: str | None = None, progress: Progress | None = None
    ) -> None:
        """Have the season reckoned as it stands today, unless it is. Raises as `sheet` does."""
        self._picture(self.season(season), progress)

    @asks(Right.SEE_PERSON, inside=True)
    def rulings_about(
        self, pseudonym: str, by: User, season: str | None = None
    ) -> tuple[Ruling, ...]:
        """All that was ruled about a person, in its order."""
        at = self.season(season)
        head = self._file(pseudonym, by, at, Right.SEE_PERSON).pseudonym
        return tuple(one for one in rulings(self.store, at) if one.seeker == head)

    @asks(Right.SEE_PERSON, inside=True)
    def judgements(self, pseudonym: str, by: User, season: str | None = None) -> Mapping[str, int]:
        """The counselor's own judgements of a person's places: 1 (very well) to 4 (not at all)."""
        at = self.season(season)
        head = self._file(pseudonym, by, at, Right.SEE_PERSON).pseudonym
        return judged(self.store, at, head, by.name)

    @asks(Right.KEEP_CASES, inside=True)
    def judge(
        self, pseudonym: str, place: str, fit: int, by: User, season: str | None = None
    ) -> None:
        """Keep the counselor's own judgement of a place, from 1 (very well) to 4 (not at all)."""
        at = self.season(season)
        head = self._file(pseudonym, by, at, Right.KEEP_CASES).pseudonym
        if fit not in range(1, 5):
            raise FaultyInput((Fault(Rule.VALUE_UNKNOWN, column="fit"),))
        judge(self.store, at, head, place, fit, by.name)

    @asks(Right.SEE_CASELOAD)
    def scores(self, by: User) -> Scores:
        """When the counselor is shown chances."""
        return scores_of(self.store, by.name)

    @asks(Right.SEE_CASELOAD)
    def scores_allowed(self, by: User) -> tuple[Scores, ...]:
        """What a counselor may choose from: never to see chances earlier than the house allows."""
        every = list(Scores)
        return tuple(every[every.index(house_scores(self.store)) :])

    @asks(Right.SEE_CASELOAD)
    def set_scores(self, scores: Scores, by: User) -> None:
        """Say when one wants to be shown chances."""
        set_scores(self.store, by.name, scores)

    @asks(Right.RULE, inside=True)
    def cost_of(
        self,
        pseudonym: str,
        place: str,
        bond: Bond | None,
        by: User,
        season: str | None = None,
        progress: Progress | None = None,
    ) -> Change:
        """What a ruling would cost exactly, and whom it would move, before it is made.

        Raises `FaultyInput` for a person or place that the plan does not know and for a pin that
        the rules refuse (`PAIR_UNKNOWN`), `NoPlanPossible` for one that contradicts another.
        """
        at = self.season(season)
        head = self._file(pseudonym, by, at, Right.RULE).pseudonym
        return _cost(self._picture(at, progress), head, place, bond)

    @asks(Right.RULE, inside=True)
    def decide(
        self,
        pseudonym: str,
        place: str,
        bond: Bond | None,
        by: User,
        reason: str,
        season: str | None = None,
    ) -> int:
        """Pin, ban, or lift that, with a reason; the next plan keeps to it. Gives its number.

        Raises as `cost_of` and `data.store.decisions.rule` do, and then nothing is kept.
        """
        at = self.season(season)
        head = self._file(pseudonym, by, at, Right.RULE).pseudonym
        with _DECIDING:
            picture = self._picture(at, None)
            if head in picture.kept.by_hand:
                # Nothing is estimated about whoever objected: there is no price to reckon.
                return rule(self.store, at, head, place, bond, by.name, reason)
            change = _cost(picture, head, place, bond)
            number = rule(self.store, at, head, place, bond, by.name, reason)
            mark = season_mark(self.store, at, number)
            # Read last: if nothing but this ruling was new by now, nothing else is in the mark.
            if season_mark(self.store, at, number - 1) == picture.mark:
                PICTURES.keep(self.store, at, picture.after(change, mark))
        return number

    @asks(Right.PROPOSE, inside=True)
    def propose(
        self,
        pseudonym: str,
        place: str,
        by: User,
        reason: str,
        on: date | None = None,
        season: str | None = None,
    ) -> int:
        """Send a proposal: the plan's, or one that was settled on; gives the number to undo it by.

        Raises `FaultyInput`: without a reason, for a place that neither plan nor ruling stands
        behind (`PROPOSAL_UNKNOWN`), or for somebody who may not be matched (`BASIS_MISSING`).
        """
        at = self.season(season)
        head = self._file(pseudonym, by, at, Right.PROPOSE).pseudonym
        if not reason.strip():
            raise FaultyInput((Fault(Rule.VALUE_MISSING, column="reason"),))
        answer = Answer(place, ContactStatus.SENT, on or date.today())
        return record(self.store, at, head, answer, by.name, reason.strip())

    @asks(Right.RECORD_CONTACT, inside=True)
    def record_contact(
        self, pseudonym: str, answer: Answer, by: User, season: str | None = None
    ) -> int:
        """Write down what happened; gives the number to undo it by.

        Raises as `data.store.case_steps.record` does; what was sent is written by `propose`.
        """
        at = self.season(season)
        head = self._file(pseudonym, by, at, Right.RECORD_CONTACT).pseudonym
        if answer.status is ContactStatus.SENT:
            raise FaultyInput((Fault(Rule.VALUE_MISSING, column="reason"),))
        return record(self.store, at, head, answer, by.name)

    @asks(Right.RECORD_CONTACT, inside=True)
    def undo_contact(self, pseudonym: str, by: User, season: str | None = None) -> int:
        """Take back what was last written down of a person; gives its number."""
        at = self.season(season)
        head = self._file(pseudonym, by, at, Right.RECORD_CONTACT).pseudonym
        return take_back(self.store, at, head, by.name)

    @asks(Right.SEE_CASELOAD)
    def shapes(self, by: User) -> tuple[Mapping[str, Any], ...]:
        """The district's municipalities as GeoJSON features, to be drawn offline."""
        return tuple(district_shapes(self.settings.data_folder)["features"])


def _cost(picture: Picture, head: str, place: str, bond: Bond | None) -> Change:
    """As `Picture.cost`; a place that is not there is a fault, too."""
    if place not in picture.drawn.problem.place_number:
        raise FaultyInput((Fault(Rule.PLACE_UNKNOWN, column="place", value=place),))
    if head not in picture.drawn.problem.seeker_number:
        raise FaultyInput((Fault(Rule.SEEKER_UNKNOWN, column="seeker"),))
    if bond is not Bond.BAN and (head, place) in picture.kept.turned_down:
        raise FaultyInput((Fault(Rule.TURNED_DOWN, column="place", value=place),))
    return picture.cost(edit_of(head, place, bond))
