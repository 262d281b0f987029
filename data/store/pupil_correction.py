"""How is one pupil's record put right? Through the reader's own check, as an import of its own.

So a correction can be taken back like every import, and the log knows of it: which fields, never
what they say.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from sqlalchemy import select

from data.intake.records import FileRead, PupilRecord
from data.store.import_log import ImportReport, Origin, begin_import, end_import, lock_imports
from data.store.opening import Store
from data.store.pupil_cells import cells_of_pupil
from data.store.pupil_roll import record_of
from data.store.pupil_states import difference, states_of
from data.store.pupil_writing import Written, write_people
from data.store.tables import people
from matching.errors import Fault, FaultyInput, Rule

#: The reader's check of one row, by its cells.
Recheck = Callable[[Mapping[str, str]], PupilRecord | tuple[Fault, ...]]


def correct(
    store: Store,
    season: str,
    school: str,
    pseudonym: str,
    corrections: Mapping[str, str],
    recheck: Recheck,
    by: str,
    seen: Mapping[str, str] = MappingProxyType({}),
) -> ImportReport | tuple[Fault, ...]:
    """Write some cells of a school's own pupil anew, or return what is wrong with them.

    A blank one empties its cell. `seen` are cells as whoever corrects them saw them: where one says
    something else by now, nothing is written and `CHANGED_SINCE` names it. Raises `FaultyInput`
    (`SEEKER_UNKNOWN`) for whoever is no pupil of this school in the season.
    """
    with store.transaction() as connection:
        lock_imports(connection)
        mine = (people.c.season == season) & (people.c.school == school)
        own = select(people.c.pseudonym).where(mine, people.c.pseudonym == pseudonym)
        if connection.scalar(own) is None:
            raise FaultyInput((Fault(Rule.SEEKER_UNKNOWN),))
        state = states_of(connection, season, [pseudonym])[pseudonym]
        kept = cells_of_pupil(record_of(state, school))
        if since := [name for name, text in seen.items() if kept.get(name, "") != text]:
            return tuple(Fault(Rule.CHANGED_SINCE, column=name) for name in since)
        cells = {**kept, **corrections}
        record = recheck({name: text for name, text in cells.items() if text.strip()})
        if isinstance(record, tuple):
            return record
        same = select(people.c.pseudonym).where(
            mine, people.c.number == record.number, people.c.pseudonym != pseudonym
        )
        if record.number is not None and connection.scalar(same) is not None:
            return (Fault(Rule.PERSON_CONFLICT, column="number"),)
        told = set(corrections)
        change = difference(pseudonym, state, record, told)
        origin = Origin("fix", by, season, school)
        count = int(change is not None)
        import_id = begin_import(connection, origin)
        if change is not None:
            write_people(connection, import_id, season, [Written(change, school, False)])
        report = ImportReport(import_id, 1, 0, count, 1 - count, 0, 0)
        read: FileRead[PupilRecord] = FileRead(
            "", "fix", 1, (), mapping={name: name for name in sorted(told)}
        )
        end_import(connection, origin, read, report)
        return report
