"""Is a case somebody's alone when many reach for it, and does the log say whose changed hands?"""

from __future__ import annotations

from datetime import UTC, date, datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, update

from data.store.audit import verify
from data.store.case_handing import case_counts, hand_over
from data.store.caseload import Asked, Whose, caseload
from data.store.cases import case_of, change_case
from data.store.doubles import heads_of, heads_table
from data.store.opening import Store
from data.store.tables import audit, cases, merges, people
from matching.errors import Rule
from tests.store.districts import ONE, SEASON, cases_of, name_of, pseudonyms_of, pupil, take_in
from tests.store.test_stress import Job, at_once


def listed(store: Store, count: int) -> list[str]:
    """The pseudonyms of so many people of one list."""
    take_in(store, [pupil(n) for n in range(1, count + 1)])
    known = pseudonyms_of(store)
    return [known[name_of(ONE, n)] for n in range(1, count + 1)]


def handed(store: Store) -> list[tuple[str, list[str]]]:
    """About whom the log says that they were handed over, and what of them changed."""
    chosen = select(audit.c.subject, audit.c.fields).where(audit.c.action == "case.hand_over")
    with store.reading() as connection:
        return sorted((subject, fields) for subject, fields in connection.execute(chosen))


def taking(one: str, by: str) -> Job:
    free = {"counselor": None}
    return lambda own: change_case(own, SEASON, one, by, "case.take", free, counselor=by)


def test_of_those_who_take_a_case_at_once_one_gets_it(store: Store, url: str) -> None:
    """There is no row of it yet: on PostgreSQL all of them would insert one."""
    for one in listed(store, 5):
        names = ["lena", "karl", "otto", "ida"]
        ends = at_once(url, *(taking(one, by) for by in names))
        assert sorted(map(str, ends)) == ["None", *[str(Rule.CHANGED_SINCE)] * 3]
        with store.reading() as connection:
            assert case_of(connection, SEASON, one).counselor == names[ends.index(None)]


def test_a_case_is_taken_or_handed_over_never_both(store: Store, url: str) -> None:
    everybody = listed(store, 6)
    give: Job = lambda own: hand_over(own, SEASON, None, "otto", "paul")  # noqa: E731
    given, *takes = at_once(url, give, *(taking(one, "lena") for one in everybody[:3]))
    taken = takes.count(None)
    assert set(takes) <= {None, Rule.CHANGED_SINCE} and given == 6 - taken
    assert cases_of(store) == {"otto": given} | ({"lena": taken} if taken else {})
    assert len(handed(store)) == given


def test_records_of_one_person_whom_no_list_names_by_the_standing_one(store: Store) -> None:
    """Two lists name somebody whose first record is of the past: one person, one case."""
    head, one, other, another = listed(store, 4)
    with store.transaction() as connection:
        told = {"kept": head, "rule": "r", "at": datetime.now(UTC), "by": "amt"}
        connection.execute(insert(merges), [{"merged": who, **told} for who in (one, other)])
        gone = people.c.pseudonym == head
        connection.execute(update(people).where(gone).values(present=False))
    counts = case_counts(store, SEASON, date.today())
    assert sum(counts[None].values()) == 2
    page = caseload(store, SEASON, "lena", date.today(), Asked(Whose.NOBODYS), 0, 9)
    assert sorted(line.pseudonym for line in page.lines) == sorted([head, another])
    assert hand_over(store, SEASON, None, "lena", "paul") == 2
    assert cases_of(store) == {"lena": 2}


def test_the_log_says_of_whom_cases_were_handed_over(store: Store) -> None:
    one, other, third = listed(store, 3)
    for who in (one, other):
        change_case(store, SEASON, who, "lena", "case.take", counselor="lena")
    assert hand_over(store, SEASON, "lena", "karl", "paul") == 2
    assert handed(store) == sorted((who, ["counselor"]) for who in (one, other))
    assert hand_over(store, SEASON, None, "karl", "paul", most=1) == 1
    assert (third, ["counselor"]) in handed(store) and len(handed(store)) == 3
    assert verify(store) is None


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(above=st.tuples(*(st.none() | st.integers(n + 1, 4) for n in range(4))))
def test_a_case_is_found_at_the_end_of_every_chain(
    store: Store, above: tuple[int | None, ...]
) -> None:
    """Whoever is merged into somebody who is merged: the last one's case is theirs."""
    known = pseudonyms_of(store) or dict(zip("abcde", listed(store, 5), strict=True))
    records = sorted(known.values())
    told = {"rule": "r", "at": datetime.now(UTC), "by": "amt"}
    rows = [
        {"merged": records[low], "kept": records[high], **told}
        for low, high in enumerate(above)
        if high is not None
    ]
    with store.transaction() as connection:
        for table in (merges, cases):
            connection.execute(delete(table))
        if rows:
            connection.execute(insert(merges), rows)
        # Only the lowest record is still named by this season's list.
        connection.execute(update(people).values(present=people.c.pseudonym == records[0]))
        heads = heads_of(connection)
        joined = heads_table()
        found = connection.execute(select(joined.c.merged, joined.c.head))
        assert dict(found.all()) == heads
    head = heads.get(records[0], records[0])
    change_case(store, SEASON, records[0], "lena", "case.take", counselor="lena")
    assert cases_of(store) == {"lena": 1}
    (line,) = caseload(store, SEASON, "lena", date.today(), Asked(Whose.MINE), 0, 9).lines
    assert (line.pseudonym, line.case.counselor) == (head, "lena")
