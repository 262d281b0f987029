"""Who is listed twice? Sure doubles are joined with a trace, doubtful ones wait for a decision.

Joining is one row in `merges`: both records stay, under their own pseudonyms, and taking the row
away undoes it. `kept` may itself be merged into a third; the last one is how the engine knows the
person.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Subquery,
    delete,
    exists,
    insert,
    or_,
    select,
    update,
)

from data.intake.duplicates import Double, Doubles, Identity
from data.intake.people_columns import sound_of_first_name, sound_of_surname
from data.store.audit import append
from data.store.import_log import chunks, lock_imports
from data.store.newcomers import NEW, Newcomers
from data.store.opening import Store
from data.store.tables import duplicates, identities, merges
from matching.errors import Fault, FaultyInput, Rule

#: Says who among the first is one person, and who of them is known (`data.intake.duplicates`).
FindDuplicates = Callable[[Iterable[Identity], Iterable[Identity]], Doubles]

#: Up to so many people, the store is asked for whoever may be one of them; for more it is read.
FEW = 500

#: Names and days that a statement may ask for; SQLite takes some 32,000.
LONGEST_CONDITION = 10_000


@dataclass(frozen=True, slots=True)
class Pairing:
    """Two records that are one person (`one` goes into `other`), or may be."""

    one: str
    other: str
    score: float
    rule: str


@dataclass(frozen=True, slots=True)
class Pairings:
    """What comes of the doubles found: who is joined to whom, which pairs are offered.

    `more` counts pairs that are not offered, since there are likelier ones of both.
    """

    joined: tuple[Pairing, ...] = ()
    offered: tuple[Pairing, ...] = ()
    more: int = 0


def heads_of(connection: Connection) -> dict[str, str]:
    """The pseudonym that stands for a person, for each record that was joined to another."""
    above = dict(connection.execute(select(merges.c.merged, merges.c.kept)).all())
    return {merged: _top(above, merged) for merged in above}


def heads_table() -> Subquery:
    """What `heads_of` tells, for a statement to join: each `merged` record with its `head`."""
    up = select(merges.c.merged, merges.c.kept.label("head")).cte("up", recursive=True)
    above, over = merges.alias("above"), merges.alias("over")
    up = up.union(select(up.c.merged, above.c.kept).join(above, above.c.merged == up.c.head))
    is_top = ~exists().where(over.c.merged == up.c.head)
    return select(up.c.merged, up.c.head).where(is_top).subquery("heads")


def pairings(
    connection: Connection,
    fresh: Newcomers,
    moved: Sequence[Identity],
    find: FindDuplicates,
) -> Pairings:
    """Find out what comes of new people (`fresh`) and of those whose identity changed (`moved`).

    Two people whom the store knew already are never joined unasked. New ones may stand in
    the store already, under their pseudonyms, and are not taken for known ones.
    """
    if not fresh and not moved:
        return Pairings()
    # Somebody joined to another stands for nobody: two known namesakes would look ambiguous.
    heads = heads_of(connection)
    movers = [identity for identity in moved if identity.key not in heads]
    # The database is not asked to leave out the new: PostgreSQL, which has no statistics of rows
    # written a moment ago, would look through all of them for each.
    left_out = {*heads, *fresh.pseudonyms, *(identity.key for identity in moved)}
    known = _known()
    if len(fresh) + len(movers) <= FEW:
        known = known.where(*_near(connection, [*fresh, *movers]))
    doubles = find(chain(fresh, movers), _identities(connection, known, left_out))
    ends = {key for pair in (*doubles.sure, *doubles.doubtful) for key in (pair.one, pair.other)}
    new = {key for key in ends if key.startswith(NEW)}
    return rulings(doubles, new, _settled(connection, doubles))


def rulings(
    doubles: Doubles, fresh: Collection[str], settled: Collection[tuple[str, str]]
) -> Pairings:
    """Join each new record (of those, `fresh`) to the one that was first, and offer the rest."""
    groups: dict[str, set[str]] = {}
    found: dict[str, Double] = {}
    for double in doubles.sure:
        group = groups.get(double.one, {double.one}) | groups.get(double.other, {double.other})
        for key in group:
            groups[key] = group
        for key in (double.one, double.other):
            found.setdefault(key, double)
    head = {key: _head(group, fresh) for key, group in groups.items()}
    joined = tuple(
        Pairing(key, head[key], found[key].score, str(found[key].rule))
        for key in sorted(groups)
        if key in fresh and head[key] != key
    )
    offered: dict[tuple[str, str], Pairing] = {}
    for double in (*doubles.sure, *doubles.doubtful):
        ends = (head.get(key, key) if key in fresh else key for key in (double.one, double.other))
        one, other = sorted(ends)
        if one != other and (one, other) not in settled:
            offered.setdefault((one, other), Pairing(one, other, double.score, str(double.rule)))
    return Pairings(joined, tuple(offered[pair] for pair in sorted(offered)), doubles.more)


def _head(group: Iterable[str], fresh: Collection[str]) -> str:
    """Whoever was known before, else the first row."""
    return min(group, key=lambda key: (key in fresh, key))


def _known() -> Select[Any]:
    """Everybody whom the store knows."""
    return select(
        identities.c.pseudonym,
        identities.c.surname,
        identities.c.first_name,
        identities.c.born,
        identities.c.street,
        identities.c.postcode,
        identities.c.town,
    )


def _near(connection: Connection, people: Sequence[Identity]) -> list[ColumnElement[bool]]:
    """A condition for whoever may be compared with some people; none where it would be too long.

    Whoever is compared agrees in the birth date or in how one of the names sounds
    (`data.intake.people_columns.meetings`). So few are read of the many that a store knows, and
    nothing about how names sound needs to be kept.
    """
    named = [(sound_of_surname(one.surname), sound_of_first_name(one.first_name)) for one in people]
    wanted = {sound for sounds in named for sound in sounds} - {""}
    days = sorted({one.born for one in people if one.born is not None})
    conditions, length = [identities.c.born.in_(days)], len(days)
    for column, sound_of in (
        (identities.c.surname, sound_of_surname),
        (identities.c.first_name, sound_of_first_name),
    ):
        written = connection.scalars(select(column).distinct())
        names = [name for name in written if sound_of(name) in wanted]
        conditions.append(column.in_(names))
        length += len(names)
    return [or_(*conditions)] if length <= LONGEST_CONDITION else []


def _identities(
    connection: Connection, chosen: Select[Any], left_out: Collection[str]
) -> Iterator[Identity]:
    """One after the other: they are not to be held all at once."""
    rows = connection.execute(chosen.execution_options(yield_per=10_000))
    for row in rows:
        if row[0] not in left_out and (row[1] or row[2]):
            yield Identity(*row)


def _settled(connection: Connection, doubles: Doubles) -> set[tuple[str, str]]:
    """Pairs of those found that were offered before, decided or not."""
    ends = {key for pair in (*doubles.sure, *doubles.doubtful) for key in (pair.one, pair.other)}
    known = sorted(key for key in ends if not key.startswith(NEW))
    offered: set[tuple[str, str]] = set()
    for some in chunks(known):
        pairs = select(duplicates.c.one, duplicates.c.other).where(duplicates.c.one.in_(some))
        offered.update(connection.execute(pairs))
    return offered


def keep_pairings(connection: Connection, import_id: int, by: str, found: Pairings) -> None:
    """Write down who was joined and who is offered."""
    now = datetime.now(UTC)
    rows = [
        {
            "merged": pair.one,
            "kept": pair.other,
            "rule": pair.rule,
            "score": pair.score,
            "at": now,
            "by": by,
            "import_id": import_id,
        }
        for pair in found.joined
    ]
    if rows:
        connection.execute(insert(merges), rows)
    offers = []
    for pair in found.offered:
        one, other = sorted((pair.one, pair.other))
        told = {"score": pair.score, "rule": pair.rule, "import_id": import_id}
        offers.append({"one": one, "other": other, **told})
    if offers:
        connection.execute(insert(duplicates), offers)


@dataclass(frozen=True, slots=True)
class Doubtful:
    """A pair of records that may be one person, and what somebody decided of it."""

    one: str
    other: str
    score: float
    rule: str
    decision: str | None = None


def doubtful(store: Store, *, decided: bool = False) -> tuple[Doubtful, ...]:
    """The pairs that wait for a decision, likeliest first; with `decided`, all of them."""
    chosen = select(
        duplicates.c.one,
        duplicates.c.other,
        duplicates.c.score,
        duplicates.c.rule,
        duplicates.c.decision,
    ).order_by(duplicates.c.score.desc(), duplicates.c.one, duplicates.c.other)
    if not decided:
        chosen = chosen.where(duplicates.c.decision.is_(None))
    with store.reading() as connection:
        return tuple(Doubtful(*row) for row in connection.execute(chosen))


def decide(store: Store, one: str, other: str, *, same: bool, by: str) -> None:
    """Rule on a doubtful pair, or part one that was joined unasked; a ruling may be changed.

    Whoever is ruled the same is joined, whichever pairs that took; a pair parted is the same no
    longer, and all others stay as they were ruled. Raises `FaultyInput`: `PAIR_UNKNOWN` for a pair
    that was neither offered nor joined, `RULED_OTHERWISE` where other rulings say that somebody
    (`value`) is one person and also two.
    """
    one, other = sorted((one, other))
    pair = (duplicates.c.one == one) & (duplicates.c.other == other)
    with store.transaction() as connection:
        # Who is whom must stand still: two rulings at once could join people in a circle.
        lock_imports(connection)
        joined = connection.execute(select(merges).where(_sure(one, other))).one_or_none()
        known = connection.execute(select(duplicates.c.decision).where(pair)).one_or_none()
        if known is None and (same or joined is None):
            raise FaultyInput((Fault(Rule.PAIR_UNKNOWN, value=f"{one} - {other}"),))
        if known is None and joined is not None:
            told = {
                "score": joined.score or 0.0,
                "rule": joined.rule,
                "import_id": joined.import_id,
            }
            connection.execute(insert(duplicates).values(one=one, other=other, **told))
        decision = "same" if same else "different"
        if known is None or known.decision != decision:
            told = {"decision": decision, "by": by, "at": datetime.now(UTC)}
            connection.execute(update(duplicates).where(pair).values(told))
            if not same:
                connection.execute(delete(merges).where(_sure(one, other)))
            _join_anew(connection, one, other)
        append(connection, by, f"duplicate.{decision}", f"{one} {other}", ["decision"])


#: Begins the rule of a joining that a person decided; the pair that was ruled on follows.
_DECIDED = "decided "


def _sure(one: str, other: str) -> ColumnElement[bool]:
    """The joining of two records that no ruling made."""
    ends = or_(
        (merges.c.merged == one) & (merges.c.kept == other),
        (merges.c.merged == other) & (merges.c.kept == one),
    )
    return ends & merges.c.rule.not_like(f"{_DECIDED}%")


def _join_anew(connection: Connection, one: str, other: str) -> None:
    """Join everybody around a pair as the rulings say that stand now."""
    joined = connection.execute(select(merges.c.merged, merges.c.kept, merges.c.rule)).all()
    ruled = connection.execute(
        select(duplicates)
        .where(duplicates.c.decision.is_not(None))
        .order_by(duplicates.c.one, duplicates.c.other)
    ).all()
    same = [row for row in ruled if row.decision == "same"]
    edges = [(row.merged, row.kept) for row in joined] + [(row.one, row.other) for row in same]
    around = _reached({one, other}, edges)
    decided = [row.merged for row in joined if row.rule.startswith(_DECIDED)]
    for some in chunks(sorted(around.intersection(decided))):
        connection.execute(delete(merges).where(merges.c.merged.in_(some)))
    above = {row.merged: row.kept for row in joined if not row.rule.startswith(_DECIDED)}
    rows = []
    for ruling in same:
        kept, merged = sorted((_top(above, ruling.one), _top(above, ruling.other)))
        if ruling.one in around and kept != merged:
            above[merged] = kept
            trace = {"rule": _decided(ruling.one, ruling.other), "at": ruling.at, "by": ruling.by}
            rows.append({"merged": merged, "kept": kept, **trace})
    if rows:
        connection.execute(insert(merges), rows)
    torn = [row for row in ruled if row.decision == "different" and row.one in around]
    faults = [
        Fault(Rule.RULED_OTHERWISE, value=f"{row.one} - {row.other}")
        for row in torn
        if _top(above, row.one) == _top(above, row.other)
    ]
    if faults:
        raise FaultyInput(tuple(faults))


def _reached(start: set[str], edges: Iterable[tuple[str, str]]) -> set[str]:
    """Everybody who hangs together with some people."""
    beside: dict[str, list[str]] = {}
    for one, other in edges:
        beside.setdefault(one, []).append(other)
        beside.setdefault(other, []).append(one)
    reached, ahead = set(start), list(start)
    while ahead:
        new = set(beside.get(ahead.pop(), ())) - reached
        reached |= new
        ahead += new
    return reached


def _top(above: Mapping[str, str], record: str) -> str:
    """The record that stands for a person."""
    while record in above:
        record = above[record]
    return record


def _decided(one: str, other: str) -> str:
    """The rule of a joining that a person decided: it names the pair that was ruled on."""
    return f"{_DECIDED}{one} {other}"
