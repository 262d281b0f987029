"""What has happened in the demo's season? Lists, plans, answers of three weeks, work to be done.

All of it goes through the desk, as an office would do it, and all of it is invented. What happened
on which day is told from a `today` that the caller names. A clock of the demo's own makes a working
day of the moments at which things were written down, with some minutes for each decision; only the
log tells the moment at which the demo was really built. Pseudonyms are drawn by chance, as in every
store, so that two stores of one seed agree in everything but those and what the engine may choose
freely.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from data.intake.reading import Upload
from data.intake.records import Basis, ContactStatus, Decliner, DeclineReason, LegalBasis
from data.sample.latecomers import first_lists, first_places, late_lists, late_places
from data.sample.schools import SCHOOLS
from data.store.case_steps import Answer
from data.store.moments import told_by
from data.store.plans import Proposal
from data.store.pupil_roll import roll_page
from data.store.school_names import name_schools
from data.store.seasons import season_of, training_start
from matching.problem import Bond
from matching.target import Standing
from office.access import Role, User
from office.counseling_desk import CounselingDesk
from office.demo_chances import demo_model
from office.intake_desk import IntakeDesk
from office.models_desk import ModelsDesk
from office.people_desk import PeopleDesk
from office.planning_desk import PlanningDesk
from office.reports.letter import Sender
from office.users_desk import UsersDesk

#: The seed of all that the lists of the sample do not say.
SEED = 20_261_003

COUNSELOR = User("beratung", frozenset({Role.COUNSELOR}))
COLLEAGUE = User("kollegium", frozenset({Role.COUNSELOR}))
PLANNER = User("planung", frozenset({Role.PLANNER}))
HOUSE = User.operator("demo")

#: When the demo's working day began, the day before (UTC), and how many minutes a counselor takes
#: for one case after the other: assumptions of ours, so that what looks at decisions has some to
#: look at. It ends on its own day, whenever the demo is built.
_BEGIN = time(7)
_MINUTES = (4, 6, 3, 9, 5)

#: The school whose pupils gave their consent instead of a ground in law.
CONSENTING = "999012"
#: So many people with a proposal the two counselors look after, besides earlier ones.
OWN, COLLEAGUES = 60, 40
#: People are taken in steps of so many, so that they come from every school.
STRIDE = 17

SENDER = Sender(
    "Übergang Musterkreis (erfunden)",
    "Musterweg 1",
    "33330 Gütersloh",
    "05241 000000",
    "beratung@uebergang.example",
)

#: What became of the first plan's proposals: so many, and each step as a word and days ago.
_COURSES: tuple[tuple[int, tuple[tuple[str, int], ...]], ...] = (
    (9, (("vorgeschlagen", 20), ("Vertrag", 17))),
    (12, (("vorgeschlagen", 19), ("Gespräch", 14), ("Vertrag", 10))),
    (10, (("vorgeschlagen", 18), ("beworben", 12), ("Vertrag", 3))),
    (25, (("vorgeschlagen", 13),)),
    (20, (("vorgeschlagen", 12), ("beworben", 6))),
    (14, (("vorgeschlagen", 12), ("beworben", 9), ("Gespräch", 2))),
    (6, (("vorgeschlagen", 16), ("unbekannt", 2))),
    (6, (("vorgeschlagen", 15), ("zurückgezogen", 8))),
)
#: Who said no and why; each comes to one of the first plan's proposals.
_REFUSALS = (
    *(("Betrieb", reason) for reason in ("besetzt", "Abschluss", "nicht erschienen")),
    *(("Betrieb", reason) for reason in ("passt nicht", "sonstiges")),
    *(("Bewerber", reason) for reason in ("andere Stelle", "Weg", "Beruf", "Vergütung")),
)
#: What the schools' follow-up says of people: where they went, own find, how many.
_FOLLOW_UPS = (
    ("Ausbildung dual", "ja", 14),
    ("Schulische Ausbildung", "", 7),
    ("Außerbetriebliche Berufsausbildung", "", 2),
    ("Einstiegsqualifikation", "", 3),
    ("Berufsvorbereitung", "", 3),
    ("Weiterführende Schule", "", 6),
    ("Studium", "", 2),
    ("Arbeit", "", 2),
    ("Freiwilligendienst", "", 2),
    ("Sonstiges", "", 1),
    ("Kein Anschluss", "", 4),
    ("Unbekannt", "", 5),
)


class DemoDesk(PlanningDesk, CounselingDesk, IntakeDesk, PeopleDesk, ModelsDesk, UsersDesk):
    """What the demo's people ask of the desk."""


@dataclass(slots=True)
class Story:
    """The demo's season while it is told; `order` numbers people school by school.

    `told` holds the pairs of person and place of which the list of answers told.
    """

    desk: DemoDesk
    today: date
    season: str = field(init=False)
    order: dict[str, int] = field(default_factory=dict)
    told: dict[tuple[str, str], None] = field(default_factory=dict)
    clock: datetime = field(init=False)

    def __post_init__(self) -> None:
        self.season = season_of(self.today)
        self.clock = datetime.combine(self.today - timedelta(days=1), _BEGIN, UTC)

    @property
    def year(self) -> int:
        """The calendar year in which the season begins."""
        return training_start(self.season).year - 1

    def ago(self, days: int) -> date:
        """A day before today, but none before the season began."""
        return max(self.today - timedelta(days=days), date(self.year, 10, 1))

    def wait(self, minutes: int) -> None:
        """Let time pass before the next thing happens."""
        self.clock += timedelta(minutes=minutes)

    def tell(self) -> None:
        """Fill the store, which must be empty."""
        with told_by(lambda: self.clock):
            self._tell()

    def _tell(self) -> None:
        self.lists()
        first = self.plan("Erster Plan des Ausbildungsjahrs")
        self.answers(self._proposals(first))
        self.follow_ups(self._proposals(first)[300:])
        self.rulings(self._proposals(first))
        self.chances()
        second = self.plan("Neue Antworten der letzten drei Wochen")
        self.caseloads(self._proposals(second))
        self.steps(self._proposals(second))
        self.desk.set_sender(SENDER, COUNSELOR)

    def lists(self) -> None:
        """What schools and firms handed in, with what waits and who may be there twice."""
        for school, content in first_lists(self.year).items():
            given = LegalBasis(Basis.CONSENT, self.ago(40), "1", "Erziehungsberechtigte")
            basis = given if school == CONSENTING else LegalBasis(Basis.LAW)
            told = Upload(f"{school}.csv", content)
            self.desk.import_school_lists([told], HOUSE, school, self.season, basis=basis)
        name_schools(self.desk.store, {one.number: one.name for one in SCHOOLS}, HOUSE.name)
        places = Upload("stellen.csv", first_places(self.year))
        self.desk.import_places([places], PLANNER, self.season)
        for school, content in late_lists(self.year, SEED).items():
            told = Upload(f"nachtrag-{school}.csv", content)
            self.desk.import_school_lists([told], HOUSE, school, self.season, complete=False)
        guild = Upload("innung.csv", late_places(self.year))
        self.desk.import_places([guild], PLANNER, self.season, "innung")
        self._wrong_list()
        self._settle_some()
        self.order = {who: n for n, who in enumerate(self._everybody())}

    def _wrong_list(self) -> None:
        """A list that was handed in by mistake, and taken back."""
        late = late_lists(self.year, SEED + 1)["999001"].replace(b"999001", b"999002")
        told = Upload("falsche-datei.csv", late)
        delivery = self.desk.import_school_lists(
            [told], HOUSE, "999002", self.season, complete=False
        )
        if delivery.import_id is not None:
            self.desk.undo_import(delivery.import_id, HOUSE)

    def _settle_some(self) -> None:
        """One waiting row dismissed, two pairs of records ruled on; the rest is left to try."""
        waiting = self.desk.quarantined(HOUSE, school="999001", kind="pupils")
        self.desk.dismiss_row(waiting[-1].id, "steht schon in der ersten Liste", HOUSE)
        one, other, *_ = self.desk.duplicates(COUNSELOR)
        self.desk.decide_duplicate(one.one, one.other, True, COUNSELOR)
        self.desk.decide_duplicate(other.one, other.other, False, COUNSELOR)

    def _everybody(self) -> Iterator[str]:
        for school in SCHOOLS:
            page = roll_page(self.desk.store, self.season, school.number, limit=10_000)
            yield from (one.pseudonym for one in page.pupils)

    def plan(self, reason: str) -> int:
        """Draw a plan and put it in force."""
        self.wait(20)
        kept = self.desk.draw_season(PLANNER, self.season)
        self.desk.publish_plan(kept.plan, PLANNER, reason)
        return kept.plan

    def chances(self) -> None:
        """A model of an invented past, which gives the chances from the second plan on."""
        made = demo_model(self.today)
        self.wait(15)
        number = self.desk.take_model(made.content, made.card, HOUSE, made.audit)
        self.wait(10)
        self.desk.activate_model(number, HOUSE, "Modellkarte geprüft, Kalibrierung reicht")

    def _proposals(self, plan: int) -> list[Proposal]:
        """A plan's proposals of which nothing was told yet, mixed so that every school has some."""
        _, found = self.desk.show_plan(plan, PLANNER)
        rest = [one for one in found if (one.pseudonym, one.place) not in self.told]
        rest.sort(key=lambda one: self.order.get(one.pseudonym, len(self.order)))
        return [one for start in range(STRIDE) for one in rest[start::STRIDE]]

    def answers(self, proposals: Sequence[Proposal]) -> None:
        """What firms and people said to the first plan, as a list that was handed in."""
        rows: list[tuple[object, ...]] = []
        left = iter(proposals)
        for count, steps in _COURSES:
            for one in (next(left) for _ in range(count)):
                rows += ((one.pseudonym, one.place, word, self.ago(ago)) for word, ago in steps)
        for decliner, reason in _REFUSALS:
            one = next(left)
            rows.append((one.pseudonym, one.place, "vorgeschlagen", self.ago(11)))
            said = (one.pseudonym, one.place, "Absage", self.ago(5), decliner, reason)
            rows.append(said)
        rows.append((next(left).pseudonym, "A9999", "beworben", self.ago(4)))
        self.told = {(str(who), str(place)): None for who, place, *_ in rows}
        headings = ("Kennung", "Platz", "Stand", "Datum", "Absage durch", "Grund")
        told = Upload("rueckmeldungen.csv", _table(headings, rows))
        self.desk.import_contacts([told], COUNSELOR, self.season)

    def follow_ups(self, proposals: Sequence[Proposal]) -> None:
        """What schools told of where people went; one row names nobody whom the store knows."""
        looking = iter(dict.fromkeys(one.pseudonym for one in proposals))
        rows: list[tuple[object, ...]] = []
        for word, own, count in _FOLLOW_UPS:
            # The count first: `zip` asks its first part first, and so loses nobody.
            for number, who in zip(range(count), looking, strict=False):
                rows.append((who, word, self.ago(2 + 4 * number % 19), own))
        rows.append(("0" * 32, "Studium", self.ago(6), ""))
        headings = ("Kennung", "Verbleib", "Datum", "Selbst gefunden")
        told = Upload("verbleib.csv", _table(headings, rows))
        self.desk.import_outcomes([told], COUNSELOR, self.season)

    def _without_proposal(self) -> list[str]:
        """People who look and to whom no plan proposes anything."""
        proposed = {
            one.pseudonym
            for plan in self.desk.plans(PLANNER, self.season)
            for one in self.desk.show_plan(plan.id, PLANNER)[1]
        }
        people = [
            one.pseudonym
            for school in SCHOOLS
            for one in roll_page(self.desk.store, self.season, school.number, limit=10_000).pupils
            if one.standing is Standing.LOOKING and one.pseudonym not in proposed
        ]
        return [one for start in range(STRIDE) for one in people[start::STRIDE]]

    def rulings(self, proposals: Sequence[Proposal]) -> None:
        """What a counselor ruled for the next plan: kept, refused, and lifted again."""
        kept, refused, lifted = proposals[130:133]
        for one, bond, reason in (
            (kept, Bond.PIN, "Probearbeiten lief gut"),
            (refused, Bond.BAN, "Betrieb passt nicht, besprochen"),
            (lifted, Bond.BAN, "Weg zu weit"),
            (lifted, None, "Mitfahrgelegenheit gefunden"),
        ):
            self.wait(7)
            self.desk.rule_pair(one.pseudonym, one.place, bond, COUNSELOR, reason, self.season)

    def caseloads(self, proposals: Sequence[Proposal]) -> None:
        """Whom the two counselors look after, and whom they ask again when."""
        mine = [one.pseudonym for one in proposals[: OWN - 6]]
        mine += self._without_proposal()[:6]
        theirs = [one.pseudonym for one in proposals[OWN : OWN + COLLEAGUES]]
        earlier = [who for who, _ in self.told if who in self.order and who not in {*mine, *theirs}]
        for by, people in ((COUNSELOR, mine + earlier[::3]), (COLLEAGUE, theirs + earlier[1::3])):
            for who in people:
                self.desk.take_case(who, by, self.season)
        for number, who in enumerate(mine[30:42]):
            again = self.today + timedelta(days=(number % 4) * 2 - 2)
            self.desk.contact_again(who, again, COUNSELOR, self.season)
        for who in mine[:8]:
            self.desk.agree_to_name(who, self.ago(9), COUNSELOR, self.season)

    def steps(self, proposals: Sequence[Proposal]) -> None:
        """What the counselor did with the plan in force, so that every status is there."""
        mine, by = proposals[: OWN - 6], COUNSELOR
        for number, one in enumerate(mine[:24]):
            self.wait(_MINUTES[number % len(_MINUTES)])
            reason = "Entspricht dem ersten Wunsch" if number % 2 else "Kurzer Weg, passt gut"
            self.desk.propose(one.pseudonym, one.place, by, reason, self.ago(7), self.season)
        refusals = (
            (Decliner.EMPLOYER, DeclineReason.FILLED),
            (Decliner.EMPLOYER, DeclineReason.NO_FIT),
            (Decliner.SEEKER, DeclineReason.WAY),
        )
        told: list[tuple[Proposal, Answer]] = [
            (one, Answer(one.place, status, self.ago(days)))
            for status, days, start in (
                (ContactStatus.APPLIED, 5, 8),
                (ContactStatus.INTERVIEW, 3, 11),
                (ContactStatus.CONTRACT, 1, 14),
                (ContactStatus.STARTED, 0, 17),
                (ContactStatus.WITHDRAWN, 2, 19),
            )
            for one in mine[start : start + 2]
        ]
        told += [
            (one, Answer(one.place, ContactStatus.DECLINED, self.ago(2), *why))
            for one, why in zip(mine[21:24], refusals, strict=True)
        ]
        for one, answer in told:
            self.desk.record_contact(one.pseudonym, answer, by, self.season)
        for one in proposals[OWN + COLLEAGUES : OWN + COLLEAGUES + 3]:
            self.desk.withdraw_person(one.pseudonym, HOUSE)


def _table(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\n")
    writer.writerow(headings)
    writer.writerows((*row, *[""] * (len(headings) - len(row))) for row in rows)
    return text.getvalue().encode()
