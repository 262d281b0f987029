"""Who looks after how many, at which schools, and how are cases handed over?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from datetime import date

from sqlalchemy import Connection, select, update

from data.store.audit import append
from data.store.caseload import Stage, case_of, told_of
from data.store.cases import open_cases
from data.store.doubles import heads_table
from data.store.opening import Store
from data.store.tables import cases, people, schools

#: How many values a statement names at a time.
_AT_ONCE = 500


def case_counts(store: Store, season: str, today: date) -> dict[str | None, Counter[Stage]]:
    """What each counselor's people wait for; `None` stands for those whom nobody looks after."""
    found: dict[str | None, Counter[Stage]] = {}
    with store.reading() as connection:
        told = told_of(connection, season)
        for _, pseudonym, standing, counselor, again, _ in _records(connection, season):
            if told.is_shown(pseudonym):
                stage = told.stage(pseudonym, standing, again, today)
                found.setdefault(counselor, Counter())[stage] += 1
    return found


def schools_of_cases(
    store: Store, season: str, giver: str | None
) -> dict[str, tuple[str | None, int]]:
    """The schools of somebody's people, by number, each with its name and how many they are."""
    with store.reading() as connection:
        told = told_of(connection, season)
        count = Counter(
            school
            for _, pseudonym, _, counselor, _, school in _records(connection, season)
            if counselor == giver and told.is_shown(pseudonym)
        )
        names = dict(connection.execute(select(schools.c.school, schools.c.name)).all())
    return {school: (names.get(school), count[school]) for school in sorted(count)}


def hand_over(
    store: Store,
    season: str,
    giver: str | None,
    to: str | None,
    by: str,
    of_schools: Collection[str] | None = None,
    most: int | None = None,
) -> int:
    """Give cases of a counselor (`None`: of nobody) to another one, or to nobody; tells how many.

    Only those of some schools where they are named, and at most so many; whom a counselor looked
    after and who is in no list any more goes along when all are handed over. Whoever was taken by
    somebody else meanwhile stays there. The log has a row of each person.
    """
    with store.transaction() as connection:
        told = told_of(connection, season)
        heads = [
            head
            for head, pseudonym, _, counselor, _, school in _records(connection, season)
            if counselor == giver
            and told.is_shown(pseudonym)
            and (of_schools is None or school in of_schools)
        ][:most]
        mine = (cases.c.season == season) & (cases.c.counselor == giver)
        give = update(cases).where(mine).values(counselor=to).returning(cases.c.pseudonym)
        if giver is not None and of_schools is None and most is None:
            given = list(connection.scalars(give))
        else:
            given = []
            for some in _parts(sorted(heads)):
                open_cases(connection, season, some)
                given += connection.scalars(give.where(cases.c.pseudonym.in_(some)))
        for head in sorted(given):
            append(connection, by, "case.hand_over", head, ["counselor"])
    return len(given)


def _parts(heads: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(heads), _AT_ONCE):
        yield heads[start : start + _AT_ONCE]


def _records(
    connection: Connection, season: str
) -> Iterator[tuple[str, str, str, str | None, date | None, str]]:
    """Every record of a season: person, record, standing, counselor, day to ask again, school."""
    above = heads_table()
    chosen = (
        select(
            above.c.head,
            people.c.pseudonym,
            people.c.standing,
            cases.c.counselor,
            cases.c.contact_again,
            people.c.school,
        )
        .select_from(people)
        .outerjoin(above, above.c.merged == people.c.pseudonym)
        .outerjoin(cases, case_of(season, above))
        .where(people.c.season == season, people.c.present)
        .order_by(people.c.pseudonym)
    )
    for head, pseudonym, *rest in connection.execute(chosen):
        yield head or pseudonym, pseudonym, *rest
