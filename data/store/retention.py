"""How long is what kept? Terms by class of data, and the job that deletes what is beyond them.

The terms are defaults to start from, to be set by the office with its data protection officer:
`read_terms` takes them from a TOML file, a table a class with `months` or `days`. Each names where
it comes from; most say no more than that a law wants one and which was assumed.
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, func, select, update

from data.intake.records import OutcomeKind
from data.intake.toml_file import shown, tables_of, text_of
from data.store.audit import append, prunable, prune
from data.store.disclosure import report
from data.store.doubles import heads_of
from data.store.erasure import Forgotten, empty_waiting, erase, forget, sweep
from data.store.grounds import withdrawn as withdrawn_persons
from data.store.import_log import chunks, lock_imports
from data.store.opening import Store
from data.store.tables import (
    consents,
    drafts,
    import_changes,
    imports,
    outcomes,
    people,
    plans,
    proposal_history,
    proposals,
    quarantine,
    runs,
    seasons,
)
from matching.errors import Fault, FaultyInput, Rule
from matching.target import Standing

__all__ = ["TERMS", "Forgotten", "Term", "due", "forget", "read_terms", "report", "run", "sweep"]


@dataclass(frozen=True, slots=True)
class Term:
    """How long one class of data is kept, counted from `since`, and on what ground.

    `least_months` is what the law wants kept at least: no shorter term is taken.
    """

    since: str
    ground: str
    months: int = 0
    days: int = 0
    least_months: int = 0

    def ends(self, since: date) -> date:
        """The first day on which it is beyond the term."""
        month = since.month - 1 + self.months
        year, month = since.year + month // 12, month % 12 + 1
        day = min(since.day, calendar.monthrange(year, month)[1])
        return date(year, month, day) + timedelta(days=self.days + 1)

    def over(self, since: date, today: date) -> bool:
        """Whether something of that day is beyond the term."""
        return self.ends(since) <= today


#: The classes of data and their terms.
TERMS: Mapping[str, Term] = {
    "people": Term(
        "the last day of the person's last season",
        "GDPR Art. 5(1)e; assumption: who found no contract may come again in the season after",
        months=12,
    ),
    "placed_people": Term(
        "the last day of the person's last season",
        "GDPR Art. 5(1)e; assumption: with a contract the purpose is reached, statistics follow",
        months=6,
    ),
    "withdrawn": Term(
        "the day on which the legal basis was withdrawn",
        "GDPR Art. 17(1)b, within the month of Art. 12(3)",
        days=30,
    ),
    "drafts": Term(
        "the day on which somebody typed what was never saved",
        "GDPR Art. 5(1)c and e; assumption: nobody takes it up after two weeks",
        days=14,
    ),
    "settled_rows": Term(
        "the day on which a row in quarantine was corrected or dismissed",
        "GDPR Art. 5(1)c and e; assumption",
        days=30,
    ),
    "waiting_rows": Term(
        "the day of the import whose row still waits",
        "GDPR Art. 5(1)d and e; assumption: as for people",
        months=12,
    ),
    "images": Term(
        "the day of the import that can be taken back",
        "GDPR Art. 5(1)e; assumption: mistakes show within a quarter",
        days=90,
    ),
    "runs": Term(
        "the day of the run",
        "AI Act Art. 19(1), 26(6): at least six months; assumption: claims within three years",
        months=36,
        least_months=6,
    ),
    "audit": Term(
        "the day of the entry",
        "GDPR Art. 5(2); AI Act Art. 19(1): at least six months; assumption: as for runs",
        months=36,
        least_months=6,
    ),
}


def read_terms(file: Path) -> dict[str, Term]:
    """The terms with those of a TOML file in place of the defaults.

    Raises `FaultyInput` with every fault: a class or key that is not known, a term that is no
    positive whole number, or one shorter than the law wants.
    """
    told = tables_of(file, text_of(file))
    faults: list[Fault] = []
    terms = dict(TERMS)
    for name, length in told.items():
        if name not in terms or not isinstance(length, dict) or not length:
            faults.append(Fault(Rule.KEY_UNKNOWN, str(file), column=name))
            continue
        faults += _faults(str(file), name, length)
        known = {key: n for key, n in length.items() if key in ("months", "days", "ground")}
        if not faults:
            terms[name] = replace(terms[name], **{"months": 0, "days": 0, **known})
            if terms[name].months < terms[name].least_months:
                faults.append(Fault(Rule.DATE_OUT_OF_RANGE, str(file), column=f"{name}.months"))
    if faults:
        raise FaultyInput(tuple(faults))
    return terms


def _faults(file: str, name: str, length: Mapping[str, Any]) -> list[Fault]:
    faults = []
    for key, value in length.items():
        column = f"{name}.{key}"
        if key == "ground" and isinstance(value, str):
            continue
        if key not in ("months", "days"):
            faults.append(Fault(Rule.KEY_UNKNOWN, file, column=column))
        elif not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 10_000:
            faults.append(Fault(Rule.NOT_POSITIVE, file, column=column, value=shown(value)))
    return faults


def run(store: Store, today: date, by: str, terms: Mapping[str, Term] = TERMS) -> dict[str, int]:
    """Delete all that is beyond its term; returns how much of each class (people, rows, runs).

    `swept` is 1 where the raw files hold nothing of it any more (always where nothing was deleted),
    0 where somebody was reading all the while. Each class is a transaction of its own.
    """
    counts = dict.fromkeys(TERMS, 0)
    for job in (_people, _drafts, _settled_rows, _waiting_rows, _images, _runs, _audit):
        with store.transaction() as connection:
            lock_imports(connection)
            deleted = job(connection, today, by, terms)
            counts |= deleted
            for part in (part for part, count in deleted.items() if count):
                append(connection, by, "retention.run", f"class {part}")
    return {**counts, "swept": int(sweep(store) if any(counts.values()) else True)}


def due(store: Store, today: date, terms: Mapping[str, Term] = TERMS) -> dict[str, int]:
    """How much of each class is beyond its term on a day: what `run` would delete.

    What goes with its person is counted for itself too.
    """
    with store.reading() as connection:
        images = import_changes.c.import_id.in_(_old_imports(connection, today, terms))
        held = select(func.count()).where(images, import_changes.c.before.is_not(None))
        return {
            **{kind: len(group) for kind, group in _people_due(connection, today, terms).items()},
            "drafts": len(_drafts_due(connection, today, terms)),
            "settled_rows": len(_settled_due(connection, today, terms)),
            "waiting_rows": len(_waiting_due(connection, today, terms)),
            "images": connection.scalar(held) or 0,
            "runs": len(_runs_due(connection, today, terms)),
            "audit": prunable(connection, _oldest(today, terms)),
        }


def _people(
    connection: Connection, today: date, by: str, terms: Mapping[str, Term]
) -> dict[str, int]:
    """Delete whoever is beyond the term of their kind."""
    found = _people_due(connection, today, terms)
    erase(connection, [person for group in found.values() for person in group], by)
    return {kind: len(group) for kind, group in found.items()}


def _people_due(
    connection: Connection, today: date, terms: Mapping[str, Term]
) -> dict[str, list[list[str]]]:
    """Whoever is beyond the term of their kind; a person's records go together."""
    heads = heads_of(connection)
    placed, withdrawn = _placed(connection), _withdrawn(connection)
    gone = withdrawn_persons(connection, heads)
    last = (
        select(people.c.pseudonym, func.max(seasons.c.last_day))
        .join(seasons, seasons.c.season == people.c.season)
        .group_by(people.c.pseudonym)
    )
    persons: dict[str, dict[str, date]] = {}
    for pseudonym, day in connection.execute(last):
        persons.setdefault(heads.get(pseudonym, pseudonym), {})[pseudonym] = day
    due: dict[str, list[list[str]]] = {"people": [], "placed_people": [], "withdrawn": []}
    for head, days in persons.items():
        kind = "placed_people" if placed & days.keys() else "people"
        taken_back = [withdrawn[record] for record in days if record in withdrawn]
        # Who consented anew since, by whichever record, is not to be deleted on that account.
        if head in gone and taken_back and terms["withdrawn"].over(min(taken_back), today):
            due["withdrawn"].append(sorted(days, key=lambda record: (record != head, record)))
        elif terms[kind].over(max(days.values()), today):
            due[kind].append(sorted(days, key=lambda record: (record != head, record)))
    return due


def _placed(connection: Connection) -> set[str]:
    """Who has a contract, as an outcome or a list says."""
    contract = (Standing.STARTED.value, Standing.OWN_FIND.value)
    listed = select(people.c.pseudonym).where(people.c.standing.in_(contract))
    told = select(outcomes.c.pseudonym).where(outcomes.c.kind == OutcomeKind.DUAL.value)
    return {*connection.scalars(listed), *connection.scalars(told)}


def _withdrawn(connection: Connection) -> dict[str, date]:
    """Whose last legal basis was withdrawn, and when."""
    last = (
        select(consents.c.pseudonym, func.max(consents.c.sequence).label("sequence"))
        .group_by(consents.c.pseudonym)
        .subquery()
    )
    chosen = (
        select(consents.c.pseudonym, consents.c.withdrawn_at)
        .join(
            last,
            (last.c.pseudonym == consents.c.pseudonym) & (last.c.sequence == consents.c.sequence),
        )
        .where(consents.c.withdrawn_at.is_not(None))
    )
    return {pseudonym: at.date() for pseudonym, at in connection.execute(chosen)}


def _drafts(
    connection: Connection, today: date, by: str, terms: Mapping[str, Term]
) -> dict[str, int]:
    """Delete what was typed and never saved."""
    found = _drafts_due(connection, today, terms)
    for at in found:
        connection.execute(delete(drafts).where(drafts.c.at == at))
    return {"drafts": len(found)}


def _drafts_due(connection: Connection, today: date, terms: Mapping[str, Term]) -> list[datetime]:
    moments = connection.scalars(select(drafts.c.at))
    return [at for at in moments if terms["drafts"].over(at.date(), today)]


def _settled_rows(
    connection: Connection, today: date, by: str, terms: Mapping[str, Term]
) -> dict[str, int]:
    found = _settled_due(connection, today, terms)
    return {"settled_rows": empty_waiting(connection, found, by)}


def _settled_due(connection: Connection, today: date, terms: Mapping[str, Term]) -> list[int]:
    chosen = select(quarantine.c.id, quarantine.c.at, quarantine.c.cells).where(
        quarantine.c.status != "waiting", quarantine.c.at.is_not(None)
    )
    return [
        row.id
        for row in connection.execute(chosen)
        if row.cells and terms["settled_rows"].over(row.at.date(), today)
    ]


def _waiting_rows(
    connection: Connection, today: date, by: str, terms: Mapping[str, Term]
) -> dict[str, int]:
    found = _waiting_due(connection, today, terms)
    return {"waiting_rows": empty_waiting(connection, found, by)}


def _waiting_due(connection: Connection, today: date, terms: Mapping[str, Term]) -> list[int]:
    chosen = (
        select(quarantine.c.id, imports.c.at)
        .join(imports, imports.c.id == quarantine.c.import_id)
        .where(quarantine.c.status == "waiting")
    )
    term = terms["waiting_rows"]
    return [row.id for row in connection.execute(chosen) if term.over(row.at.date(), today)]


def _images(
    connection: Connection, today: date, by: str, terms: Mapping[str, Term]
) -> dict[str, int]:
    """Delete what was before an import: from then on it can't be taken back."""
    emptied = 0
    for some in chunks(_old_imports(connection, today, terms), 500):
        images = import_changes.c.import_id.in_(some) & import_changes.c.before.is_not(None)
        emptied += connection.execute(
            update(import_changes).where(images).values(before=None)
        ).rowcount
        sealed = update(imports).where(imports.c.id.in_(some))
        connection.execute(sealed.values(sealed_at=datetime.now(UTC)))
    return {"images": emptied}


def _old_imports(connection: Connection, today: date, terms: Mapping[str, Term]) -> list[int]:
    chosen = select(imports.c.id, imports.c.at).where(imports.c.sealed_at.is_(None))
    term = terms["images"]
    return [row.id for row in connection.execute(chosen) if term.over(row.at.date(), today)]


def _runs_due(connection: Connection, today: date, terms: Mapping[str, Term]) -> list[int]:
    """Old runs, unless a plan that was made of one is still in force."""
    in_force = select(plans.c.run).where(plans.c.status == "active")
    chosen = select(runs.c.id, runs.c.at).where(runs.c.id.not_in(in_force))
    term = terms["runs"]
    return [row.id for row in connection.execute(chosen) if term.over(row.at.date(), today)]


def _runs(
    connection: Connection, today: date, by: str, terms: Mapping[str, Term]
) -> dict[str, int]:
    """Delete old runs with the plans that were made of them."""
    found = _runs_due(connection, today, terms)
    for some in chunks(found, 500):
        made = select(plans.c.id).where(plans.c.run.in_(some))
        for table in (proposal_history, proposals):
            connection.execute(delete(table).where(table.c.plan.in_(made)))
        connection.execute(delete(plans).where(plans.c.run.in_(some)))
        connection.execute(delete(runs).where(runs.c.id.in_(some)))
    return {"runs": len(found)}


def _audit(
    connection: Connection, today: date, by: str, terms: Mapping[str, Term]
) -> dict[str, int]:
    return {"audit": prune(connection, _oldest(today, terms), by)}


def _oldest(today: date, terms: Mapping[str, Term]) -> datetime:
    """The moment up to which entries of the log are beyond their term."""
    term, day = terms["audit"], today
    while not term.over(day, today):
        day -= timedelta(days=1)
    return datetime.combine(day + timedelta(days=1), time.min, UTC)
