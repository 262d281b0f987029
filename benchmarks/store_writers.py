"""Do eight writers at once lose anything? Processes that import, rule, correct and read together.

Each writer is a process of its own and does a mix of what offices do: its school's list (which
grows, and names people whom the other schools list too), corrections of rows that wait, outcomes,
rulings on doubles and on proposals (all writers on the same few), withdrawals, imports taken back,
plans put in force, entries in the log, and readings beside it all that must add up. A ledger says
what was done; `differences` holds the store against the sum of all ledgers.
"""

from __future__ import annotations

import random
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter
from typing import Any

from sqlalchemy import Connection, func, select

from data.sample import district_folder
from data.store import audit as log
from data.store import plans as plan_store
from data.store.backup import read_manifest
from data.store.decisions import rule
from data.store.import_log import ImportReport
from data.store.opening import Store, open_store
from data.store.tables import (
    audit,
    decisions,
    duplicates,
    identities,
    imports,
    merges,
    outcomes,
    people,
    plans,
    proposal_history,
    proposals,
    pseudonyms,
)
from matching.errors import FaultyInput, Rule
from matching.problem import Bond
from office.access import User
from office.desk import Desk
from office.settings import Settings

SEASON = "2026/27"
WRITERS = 8

#: Why somebody may be turned away by what another did a moment before; nothing is lost by that.
EXPECTED = {
    Rule.BASIS_MISSING,
    Rule.CHANGED_SINCE,
    Rule.PAIR_UNKNOWN,
    Rule.RULING_UNKNOWN,
    Rule.SEEKER_UNKNOWN,
}

_HEADINGS = (
    "Interne ID-Nummer;Nachname;Vorname;Geburtsdatum;Straße;Postleitzahl;Ortsname;Wunschberuf 1"
)
_SYLLABLES = (
    "bra",
    "dek",
    "fil",
    "gom",
    "hust",
    "jal",
    "kern",
    "lopp",
    "mick",
    "nur",
    "pfa",
    "quo",
)
_STEPS = ("sent", "accepted", "declined", "contract", "proposed")


@dataclass(slots=True)
class Ledger:
    """What was done, by the action that the log must name; people gained; who was turned away."""

    done: Counter[str] = field(default_factory=Counter)
    people: int = 0
    outcomes: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    failed: list[str] = field(default_factory=list)
    longest: float = 0.0
    readings: int = 0

    def __iadd__(self, other: Ledger) -> Ledger:
        self.done += other.done
        self.people += other.people
        self.outcomes += other.outcomes
        self.refused += other.refused
        self.failed += other.failed
        self.longest = max(self.longest, other.longest)
        self.readings += other.readings
        return self


def list_text(numbers: Iterable[int], faulty: Iterable[int] = ()) -> str:
    """A school's list of invented people, known by their number; `faulty` have no birth date."""
    wrong = set(faulty)
    lines = []
    for number in numbers:
        dice = random.Random(number)
        surname, first_name = (
            "".join(dice.choices(_SYLLABLES, k=3)).capitalize() for _ in range(2)
        )
        born = f"{dice.randint(1, 28):02d}.{dice.randint(1, 12):02d}.{dice.choice((2010, 2011))}"
        street = f"{''.join(dice.choices(_SYLLABLES, k=3)).capitalize()}weg {number % 90 + 1}"
        day = "31.02.2010" if number in wrong else born
        lines.append(f"{number};{surname};{first_name};{day};{street};33330;Gütersloh;Tischler/in")
    return "\n".join([_HEADINGS, *lines, ""])


def desk_of(url: str) -> Desk:
    """The desk on a store."""
    return Desk(Settings(database=url))


def prepare(url: str, folder: Path, people: int = 120) -> Ledger:
    """Fill an empty store: a school, places, two plans, the first of them in force."""
    desk, ledger = desk_of(url), Ledger()
    list_file = folder / "first.csv"
    list_file.write_text(list_text(range(1, people + 1)), encoding="utf-8")
    ledger.people += _new(
        desk.import_school_lists([list_file], User.operator("amt"), "990000", SEASON).report
    )
    offers = (district_folder("district") / "places.csv").read_text("utf-8").splitlines()[:41]
    place_file = folder / "places.csv"
    place_file.write_text("\n".join(offers), encoding="utf-8")
    desk.import_places([place_file], User.operator("amt"), SEASON)
    drawn = [desk.draw_season(User.operator("amt"), SEASON).plan for _ in range(2)]
    desk.publish_plan(drawn[0], User.operator("amt"), "x")
    ledger.done += Counter(
        {"import.pupils": 1, "import.places": 1, "run.keep": 2, "plan.publish": 2}
    )
    ledger.done["plan.activate"] += 1
    desk.close()
    return ledger


class Writer:
    """One of the processes; `number` is also its school."""

    def __init__(self, url: str, folder: Path, number: int) -> None:
        self.url, self.folder, self.number = url, folder, number
        self.desk = desk_of(url)
        self.by = f"writer{number}"
        self.user = User.operator(self.by)
        self.school = f"99{number:04d}"
        self.dice = random.Random(number)
        self.ledger = Ledger()

    def round(self, nth: int, size: int) -> None:
        """Everything once, each writer in an order of its own."""
        self._try(lambda: self.hand_in_list(nth, size))
        jobs: list[Callable[[], None]] = [
            *[self.rule_on_double] * 4,
            *[self.move_proposal] * 4,
            *[self.rule_on_pair] * 2,
            *[self.note] * 3,
            *[self.read] * 3,
            self.correct,
            self.dismiss,
            lambda: self.hand_in_outcomes(nth),
            lambda: self.take_back(nth),
            self.withdraw,
            self.change_plan,
        ]
        if nth == 0 and self.number % 4 == 1:
            jobs.append(self.draw)
        if self.number % 4 == 2:
            jobs.append(self.back_up)
        self.dice.shuffle(jobs)
        for job in jobs:
            self._try(job)

    def _try(self, job: Callable[[], None]) -> None:
        began = perf_counter()
        try:
            job()
        except FaultyInput as refusal:
            rules = {fault.rule for fault in refusal.faults}
            if rules <= EXPECTED:
                self.ledger.refused.update(str(rule) for rule in rules)
            else:
                self.ledger.failed.append(f"{self.by}: {sorted(rules)}")
        except Exception:
            self.ledger.failed.append(f"{self.by}: {traceback.format_exc(limit=-3)}")
        self.ledger.longest = max(self.ledger.longest, perf_counter() - began)

    def hand_in_list(self, nth: int, size: int) -> None:
        """Own pupils, some late joiners each round, some people of the first school and faults."""
        first = self.number * 100_000
        own = list(range(first, first + size + 5 * nth))
        shared = self.dice.sample(range(1, 101), 5)
        text = list_text([*shared, *own], faulty=own[::20])
        # A slip in a name and a street makes a doubtful double of each second shared person.
        for number in shared[::2]:
            text = text.replace(f"\n{number};", f"\n{number};X", 1).replace("weg ", "str. ", 1)
        file = self.folder / f"{self.school}_{nth}.csv"
        file.write_text(text, encoding="utf-8")
        report = self.desk.import_school_lists([file], self.user, self.school, SEASON).report
        self.ledger.done["import.pupils"] += 1
        self.ledger.people += _new(report)

    def hand_in_outcomes(self, nth: int) -> None:
        """What became of twenty pupils of this school."""
        first = self.number * 100_000 + 1
        rows = [f"{first + n};DUAL;{nth + 1:02d}.08.2027" for n in range(18)]
        file = self.folder / f"outcomes_{self.school}_{nth}.csv"
        text = "\n".join(["Interne ID-Nummer;Anschluss;Datum", *rows, ""])
        file.write_text(text, encoding="utf-8")
        report = self.desk.import_outcomes([file], self.user, SEASON, self.school).report
        if report.stored + report.quarantined != len(rows):
            raise AssertionError(f"outcomes: {report.counts}")
        self.ledger.done["import.outcomes"] += 1
        self.ledger.outcomes += report.stored

    def take_back(self, nth: int) -> None:
        """Some guests come in and are taken back."""
        first = self.number * 100_000 + 50_000 + 10 * nth
        file = self.folder / f"guests_{self.school}_{nth}.csv"
        file.write_text(list_text(range(first, first + 10)), encoding="utf-8")
        taken = self.desk.import_school_lists(
            [file], self.user, self.school, SEASON, complete=False
        ).report
        self.ledger.done["import.pupils"] += 1
        self.ledger.people += _new(taken)
        self.desk.undo_import(taken.import_id, self.user)
        self.ledger.done["import.undo"] += 1
        self.ledger.people -= _new(taken)

    def rule_on_double(self) -> None:
        """A ruling on a pair that the others are looking at as well."""
        pairs = self.desk.duplicates(self.user, decided=True)
        if pairs:
            pair, same = self.dice.choice(pairs[:6]), self.dice.random() < 0.6
            self.desk.decide_duplicate(pair.one, pair.other, same, self.user)
            self.ledger.done[f"duplicate.{'same' if same else 'different'}"] += 1

    def rule_on_pair(self) -> None:
        """A ban for anybody in the store, guests of other schools among them, or its lifting."""
        with self.desk.store.reading() as connection:
            everybody = connection.scalars(select(people.c.pseudonym)).all()
            place = connection.scalar(select(func.min(proposals.c.place)))
        who = self.dice.choice([*everybody[:2], *everybody])
        rule(self.desk.store, SEASON, who, str(place), Bond.BAN, self.by, "talked it over")
        self.ledger.done["decision.ban"] += 1
        if self.dice.random() < 0.5:
            rule(self.desk.store, SEASON, who, str(place), None, self.by, "thought it over")
            self.ledger.done["decision.lift"] += 1

    def move_proposal(self) -> None:
        """A proposal comes further; all writers work on the same four."""
        key = (proposals.c.plan, proposals.c.pseudonym, proposals.c.place)
        with self.desk.store.reading() as connection:
            rows = connection.execute(select(*key).order_by(*key).limit(4)).all()
        row, status = self.dice.choice(rows), self.dice.choice(_STEPS)
        plan_store.move(self.desk.store, *row, status, self.by, "talked it over")
        self.ledger.done["proposal.move"] += 1

    def correct(self) -> None:
        """A row that waits gets its birth date."""
        rows = self.desk.quarantined(self.user, self.school, "pupils")
        if rows:
            fixed = self.desk.fix_row(rows[0].id, {"born": "01.05.2011"}, self.user)
            if isinstance(fixed, tuple):
                raise AssertionError("a corrected row still waits")
            self.ledger.done["import.fix"] += 1
            self.ledger.people += _new(fixed.report)

    def dismiss(self) -> None:
        """A row that waits is not to come in."""
        rows = self.desk.quarantined(self.user, self.school, "pupils")
        if rows:
            self.desk.dismiss_row(rows[-1].id, "moved away", self.user)
            self.ledger.done["quarantine.dismiss"] += 1

    def withdraw(self) -> None:
        """Somebody of the first school wants out; the others may be withdrawing them as well."""
        with self.desk.store.reading() as connection:
            mine = select(people.c.pseudonym).where(people.c.school == "990000")
            found = connection.scalars(mine.order_by(people.c.number).limit(10)).all()
        self.desk.withdraw_person(self.dice.choice(found), self.user)
        self.ledger.done["basis.withdraw"] += 1

    def change_plan(self) -> None:
        """One of the two first plans takes the place of the other, if it is not in force."""
        before = sorted(plan.id for plan in self.desk.plans(self.user, SEASON))[:2]
        if self.desk.publish_plan(self.dice.choice(before), self.user, "x") is not None:
            self.ledger.done["plan.activate"] += 1

    def draw(self) -> None:
        """A plan is drawn while everything moves."""
        self.desk.draw_season(self.user, SEASON)
        self.ledger.done += Counter({"run.keep": 1, "plan.publish": 1})

    def back_up(self) -> None:
        """A backup that must be whole."""
        file = self.folder / f"backup_{self.number}.zip"
        told = self.desk.backup(file, self.user)
        if read_manifest(file).rows != told.rows:
            raise AssertionError("the backup says otherwise")

    def note(self) -> None:
        """An entry in the log alone."""
        with self.desk.store.transaction() as connection:
            log.append(connection, self.by, "note", f"school {self.school}")
        self.ledger.done["note"] += 1

    def read(self) -> None:
        """What is there must add up at any moment: before an import or after it, never between."""
        with self.desk.store.reading() as connection:
            wrong = unsound(connection)
        if wrong:
            raise AssertionError(f"read in between: {wrong}")
        self.ledger.readings += 1


def _new(report: ImportReport) -> int:
    return report.stored + report.merged


def unsound(connection: Connection) -> list[str]:
    """What does not add up in one view of the store: people and imports, statuses, the log."""
    wrong = []
    kinds = ("pupils", "fix")
    told = connection.scalars(
        select(imports.c.counts).where(imports.c.kind.in_(kinds), imports.c.undone_at.is_(None))
    ).all()
    here = _count(connection, identities)
    said = sum(counts["stored"] + counts["merged"] for counts in told)
    if said != here:
        wrong.append(f"{here} people, imports say {said}")
    joined = _count(connection, merges, merges.c.import_id.is_not(None))
    if joined != (said := sum(counts["merged"] for counts in told)):
        wrong.append(f"{joined} joined, imports say {said}")
    if _count(connection, pseudonyms) != here or _count(connection, people) != here:
        wrong.append("somebody is there by half")
    if _count(connection, plans, plans.c.status == "active") != 1:
        wrong.append("not one plan in force")
    last, rows = connection.execute(select(func.max(audit.c.seq), func.count(audit.c.seq))).one()
    if last != rows:
        wrong.append(f"{rows} entries in the log, the last is number {last}")
    return [*wrong, *_unsound_statuses(connection), *_unsound_doubles(connection)]


def _unsound_statuses(connection: Connection) -> Iterable[str]:
    """Proposals whose status is not the last of their history."""
    table = proposal_history
    key = ("plan", "pseudonym", "place")
    steps = connection.execute(select(table).order_by(table.c.id)).mappings()
    last = {tuple(step[name] for name in key): step["status"] for step in steps}
    for row in connection.execute(select(proposals)).mappings():
        if last.get(tuple(row[name] for name in key)) != row["status"]:
            yield f"a proposal is {row['status']}, its history says otherwise"


def _unsound_doubles(connection: Connection) -> Iterable[str]:
    """People who are joined in a circle, or joined by a ruling that says that they are two."""
    above = dict(connection.execute(select(merges.c.merged, merges.c.kept)).all())
    for merged, kept in above.items():
        seen, head = {merged}, kept
        while head in above and head not in seen:
            seen.add(head)
            head = above[head]
        if head in seen:
            yield "people joined in a circle"
    ruled = connection.execute(select(duplicates.c.one, duplicates.c.other, duplicates.c.decision))
    decided = {f"decided {one} {other}": said for one, other, said in ruled}
    for named in connection.scalars(select(merges.c.rule).where(merges.c.import_id.is_(None))):
        if decided.get(named) != "same":
            yield "two records joined against their ruling"


def _count(connection: Connection, table: Any, *where: Any) -> int:
    return int(connection.scalar(select(func.count()).select_from(table).where(*where)) or 0)


def differences(store: Store, ledger: Ledger) -> list[str]:
    """What the store holds otherwise than was done; empty where nothing was lost."""
    wrong = []
    with store.reading() as connection:
        wrong += unsound(connection)
        actions = select(audit.c.action, func.count()).group_by(audit.c.action)
        logged: dict[str, int] = dict(connection.execute(actions).all())
        if logged != +ledger.done:
            odd = {
                name for name in {*logged, *ledger.done} if logged.get(name) != ledger.done[name]
            }
            wrong += [
                f"{name}: {logged.get(name)} in the log, {ledger.done[name]} done" for name in odd
            ]
        for name, table, expected in (
            ("people", identities, ledger.people),
            ("outcomes", outcomes, ledger.outcomes),
        ):
            if (found := _count(connection, table)) != expected:
                wrong.append(f"{found} {name}, {expected} came in")
        moved = _count(connection, proposal_history, proposal_history.c.reason == "talked it over")
        if moved != ledger.done["proposal.move"]:
            wrong.append(f"{moved} steps of proposals, {ledger.done['proposal.move']} were made")
        made = ledger.done["decision.ban"] + ledger.done["decision.lift"]
        if (found := _count(connection, decisions)) != made:
            wrong.append(f"{found} rulings on pairs, {made} were made")
        wrong += damaged(connection)
    if (broken := log.verify(store)) is not None:
        wrong.append(f"the log is broken from {broken} on")
    return wrong


def damaged(connection: Connection) -> list[str]:
    """What SQLite's own checks find."""
    if connection.dialect.name != "sqlite":
        return []
    found = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
    loose = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    return [*(line for line in found if line != "ok"), *(f"loose row in {row[0]}" for row in loose)]


_gate: Any = None


def _at_the_gate(gate: Any) -> None:
    global _gate  # noqa: PLW0603 - the one thing that a process of a pool is given at its start
    _gate = gate


def _write(url: str, folder: Path, number: int, rounds: int, size: int) -> Ledger:
    writer = Writer(url, folder, number)
    _gate.wait()
    for nth in range(rounds):
        writer.round(nth, size)
    writer.desk.close()
    return writer.ledger


def write_together(
    url: str, folder: Path, rounds: int, size: int, writers: int = WRITERS
) -> tuple[Ledger, float]:
    """Let the writers loose on a prepared store; the sum of their ledgers, and the seconds."""
    context = get_context("spawn")
    gate = context.Barrier(writers + 1)
    with ProcessPoolExecutor(writers, context, _at_the_gate, (gate,)) as pool:
        asked = [
            pool.submit(_write, url, folder, number, rounds, size)
            for number in range(1, writers + 1)
        ]
        gate.wait()
        began = perf_counter()
        ledgers: Sequence[Ledger] = [one.result() for one in asked]
        seconds = perf_counter() - began
    total = Ledger()
    for ledger in ledgers:
        total += ledger
    return total, seconds


def stress(
    url: str, folder: Path, rounds: int, size: int, writers: int = WRITERS
) -> tuple[Ledger, float, list[str]]:
    """Prepare an empty store, let eight writers loose, and see what is otherwise than was done."""
    ledger = prepare(url, folder)
    together, seconds = write_together(url, folder, rounds, size, writers)
    ledger += together
    store = open_store(url)
    try:
        return ledger, seconds, differences(store, ledger)
    finally:
        store.close()
