"""What does a school's list change, and how does it come in? Look first, then all of it at once.

A list is compared row by row with what the store holds. `preview` tells, and writes nothing;
`apply` writes it all in one transaction. The same list a second time changes nothing. Whoever is
no longer in a complete list is marked as not present, and never deleted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection, bindparam, update

from data.intake.duplicates import find_duplicates
from data.intake.records import FileRead, PupilRecord
from data.store.comparison import Changed, Comparison, Paired, Preview
from data.store.doubles import FindDuplicates, keep_pairings
from data.store.import_log import (
    ImportReport,
    Origin,
    begin_import,
    end_import,
    keep_waiting,
    lock_imports,
    note_changes,
)
from data.store.mappings import Headings, remember_in
from data.store.opening import Store
from data.store.pupil_writing import write_people
from data.store.seasons import register_schools, register_season, training_start
from data.store.tables import people
from matching.errors import Fault, FaultyInput, Rule

__all__ = ["Changed", "ImportReport", "Paired", "Preview", "PupilList", "apply", "preview"]

#: A list as a reader gave it, at once or in parts of some thousand rows each.
PupilList = FileRead[PupilRecord] | Iterable[FileRead[PupilRecord]]


def preview(
    store: Store,
    school: str | None,
    season: str,
    read: PupilList,
    *,
    complete: bool = True,
    find: FindDuplicates = find_duplicates,
    sha256: str | None = None,
) -> Preview:
    """What the list would change, were it applied now; nothing is written.

    `school` is the official number of the school that hands it in; with `None` every row names its
    own. A list that is not `complete` (late joiners only) leaves nobody gone.
    """
    training_start(season)
    with store.reading() as connection:
        comparison = Comparison(connection, Origin("pupils", "", season, school, sha256=sha256))
        for _ in comparison.differences(_parts(read)):
            pass
        return comparison.preview(complete, find)


def apply(
    store: Store,
    school: str | None,
    season: str,
    read: PupilList,
    by: str,
    *,
    complete: bool = True,
    find: FindDuplicates = find_duplicates,
    expected: Preview | None = None,
    sha256: str | None = None,
    said: Headings | None = None,
) -> ImportReport:
    """Take a list in, all of it or, when anything is raised, nothing.

    As for `preview`; with `expected`, raises `FaultyInput` (`CHANGED_SINCE`) if the store has
    changed so that the list would now do something else than was shown. `sha256` is the file's,
    `said` what is to be remembered of its headings.
    """
    training_start(season)
    with store.transaction() as connection:
        lock_imports(connection)
        remember_in(connection, said, by)
        origin = Origin("pupils", by, season, school)
        return apply_in(
            connection,
            origin,
            _parts(read),
            complete=complete,
            find=find,
            expected=expected,
            sha256=sha256,
        )


def apply_in(
    connection: Connection,
    origin: Origin,
    parts: Iterable[FileRead[PupilRecord]],
    *,
    complete: bool,
    find: FindDuplicates = find_duplicates,
    expected: Preview | None = None,
    sha256: str | None = None,
    kind: str = "pupils",
) -> ImportReport:
    """Take a list in within the caller's transaction; `kind` is what the import goes by."""
    origin = replace(origin, sha256=sha256)
    assert origin.season is not None
    register_season(connection, origin.season)
    if origin.school is not None:
        register_schools(connection, {origin.school})
    comparison = Comparison(connection, origin, recalls=kind != "fix")
    import_id = begin_import(connection, replace(origin, kind=kind), sha256)
    for differences in comparison.differences(parts):
        register_schools(connection, {written.school for written in differences})
        write_people(connection, import_id, origin.season, differences)
    found = comparison.preview(complete, find)
    if expected is not None and expected != found:
        raise FaultyInput((Fault(Rule.CHANGED_SINCE, file=comparison.read.file),))
    keep_pairings(connection, import_id, origin.by, comparison.named_pairings())
    keep_waiting(connection, import_id, origin, found.waiting)
    _mark(connection, import_id, origin.season, found.gone, present=False)
    _mark(connection, import_id, origin.season, comparison.back, present=True)
    report = found.report(import_id)
    read = replace(comparison.read, file=", ".join(comparison.files))
    end_import(connection, replace(origin, kind=kind), read, report)
    return report


def _parts(read: PupilList) -> Iterable[FileRead[PupilRecord]]:
    return (read,) if isinstance(read, FileRead) else read


def _mark(
    connection: Connection, import_id: int, season: str, whom: Sequence[str], *, present: bool
) -> None:
    """Mark people who were not so before as present, or as no longer named."""
    if not whom:
        return
    mine = (people.c.season == season) & (people.c.pseudonym == bindparam("p"))
    connection.execute(
        update(people).where(mine).values(present=present), [{"p": person} for person in whom]
    )
    before: Mapping[str, object] = {"people": {"present": not present}}
    note_changes(
        connection,
        import_id,
        "person",
        ({"key": person, "fields": ["present"], "before": before} for person in whom),
    )
