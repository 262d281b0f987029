"""Does a backup bring everything back, and does a damaged one bring back nothing?"""

from __future__ import annotations

import json
import random
import stat
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, insert, select, text

from data.store import backup as backups
from data.store.audit import append, head, prune, verify
from data.store.backup import Manifest, backup, read_manifest, restore
from data.store.import_log import ImportReport
from data.store.migrations import downgrade, newest_revision
from data.store.opening import Store, StoreRefused, open_store
from data.store.tables import audit, figures, import_changes, metadata, users
from data.store.undo import undo
from matching.errors import FaultyInput, Rule
from tests.store.conftest import empty_database
from tests.store.districts import ONE, OTHER, SEASON, now, pseudonyms_of, pupil, take_in
from tests.store.test_retention import settle


@pytest.fixture
def filled(store: Store) -> Store:
    """A store with something in every table that a district fills."""
    settle(store)
    with store.transaction() as connection:
        connection.execute(insert(users).values(name="öz", made_at=now(), active=False))
        connection.execute(
            insert(figures).values(
                season=SEASON, school=ONE, standing="looking", outcome="dual", people=7
            )
        )
    return store


def content(store: Store) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, as the code sees it."""
    with store.reading() as connection:
        return {
            table.name: [
                dict(row)
                for row in connection.execute(
                    select(table).order_by(*table.primary_key.columns)
                ).mappings()
            ]
            for table in metadata.sorted_tables
        }


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of either kind, whichever the backup is from."""
    return empty_database(request, tmp_path, bare=True)


def test_what_comes_back_is_what_was_there(filled: Store, empty: str, tmp_path: Path) -> None:
    """Table by table, in either database, with the log's chain whole."""
    manifest = backup(filled, tmp_path / "backup.zip")
    assert restore(tmp_path / "backup.zip", empty) == manifest
    again = open_store(empty)
    before = content(filled)
    assert content(again) == before
    assert {name: len(rows) for name, rows in before.items()} == dict(manifest.rows)
    assert manifest.revision == newest_revision()
    assert verify(again, head(filled)) is None
    with again.reading() as connection:
        new = import_changes.c.before.is_(None)
        nulls = connection.scalar(select(func.count()).select_from(import_changes).where(new))
    assert nulls == sum(row["before"] is None for row in before["import_changes"])
    again.close()


def test_work_goes_on_where_it_comes_back(filled: Store, empty: str, tmp_path: Path) -> None:
    """Numbers go on after the last one, guards stand, and old imports can still be undone."""
    backup(filled, tmp_path / "backup.zip")
    restore(tmp_path / "backup.zip", empty)
    again = open_store(empty)
    last = max(row["id"] for row in content(again)["imports"])
    report: ImportReport = take_in(again, [pupil(number) for number in (1, 2, 3, 9)])
    assert report.import_id == last + 1
    undo(again, report.import_id, "amt")
    with pytest.raises(StoreRefused), again.transaction() as connection:
        connection.execute(text("DELETE FROM audit"))
    assert verify(again) is None
    again.close()


def test_a_log_that_was_pruned_comes_back_as_it_is(
    filled: Store, empty: str, tmp_path: Path
) -> None:
    with filled.transaction() as connection:
        prune(connection, datetime.now(UTC) + timedelta(hours=1), "amt")
    noted = head(filled)
    backup(filled, tmp_path / "backup.zip")
    restore(tmp_path / "backup.zip", empty)
    again = open_store(empty)
    assert verify(again, noted) is None
    with again.transaction() as connection:
        append(connection, "amt", "import.pupils", "import 1")
    assert head(again).seq == noted.seq + 1
    again.close()


def test_an_older_copy_shows_against_the_head_that_was_noted_last(
    filled: Store, empty: str, tmp_path: Path
) -> None:
    """It brings back whoever withdrew or was deleted since."""
    backup(filled, tmp_path / "backup.zip")
    copied = head(filled)
    with filled.transaction() as connection:
        append(connection, "amt", "person.withdraw", "0" * 32)
    restore(tmp_path / "backup.zip", empty)
    again = open_store(empty)
    assert head(again) == copied and verify(again) is None
    assert verify(again, head(filled)) == copied.seq + 1
    again.close()


def test_an_empty_store_comes_back_too(store: Store, empty: str, tmp_path: Path) -> None:
    backup(store, tmp_path / "backup.zip")
    restore(tmp_path / "backup.zip", empty)
    again = open_store(empty)
    assert not any(content(again).values())
    again.close()


def test_the_copy_is_of_one_moment_and_nobody_waits(filled: Store, tmp_path: Path) -> None:
    """An import that is under way is not in it, and goes on."""
    with filled.transaction() as connection:
        append(connection, "amt", "import.pupils", "import 1")
        manifest = backup(filled, tmp_path / "backup.zip")
    with filled.reading() as connection:
        rows = connection.scalar(select(func.count()).select_from(audit))
    assert manifest.rows["audit"] == (rows or 0) - 1


def test_a_store_that_is_not_empty_is_refused(filled: Store, tmp_path: Path) -> None:
    """Nothing is overwritten, ever."""
    backup(filled, tmp_path / "backup.zip")
    before = content(filled)
    address = filled.engine.url.render_as_string(hide_password=False)
    with pytest.raises(FaultyInput) as refused:
        restore(tmp_path / "backup.zip", address)
    assert refused.value.faults[0].rule is Rule.STORE_NOT_EMPTY
    assert content(filled) == before


def test_the_file_is_its_owners_alone_and_whole(filled: Store, tmp_path: Path) -> None:
    """It holds every name there is; and half a file must not look like a backup."""
    folder = tmp_path / "backups"
    folder.mkdir()
    backup(filled, folder / "backup.zip")
    backup(filled, folder / "backup.zip")
    assert [file.name for file in folder.iterdir()] == ["backup.zip"]
    assert stat.S_IMODE((folder / "backup.zip").stat().st_mode) == 0o600


def test_a_flipped_bit_is_noticed_and_nothing_comes_back(
    filled: Store, empty: str, tmp_path: Path
) -> None:
    """Wherever in the file it is: either it is refused, or it was in nothing that counts."""
    file = tmp_path / "backup.zip"
    manifest = backup(filled, file)
    whole, dice = file.read_bytes(), random.Random(1)
    noticed = 0
    for _ in range(60):
        bit = dice.randrange(8 * len(whole))
        damaged = bytearray(whole)
        damaged[bit // 8] ^= 1 << bit % 8
        file.write_bytes(damaged)
        found, faults = manifest_of(file)
        assert found == manifest or faults == [Rule.BACKUP_DAMAGED]
        noticed += found is None
    assert noticed > 30
    file.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(FaultyInput):
        restore(file, empty)
    again = open_store(empty)
    assert not any(content(again).values())
    again.close()


def manifest_of(file: Path) -> tuple[Manifest | None, list[Rule]]:
    """What a backup says, or by which rules it is refused."""
    try:
        return read_manifest(file), []
    except FaultyInput as refused:
        return None, [fault.rule for fault in refused.faults]


def changed(file: Path, part: str, new: bytes | None) -> None:
    """Exchange or take out one part of a backup."""
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts.pop(part)
    with zipfile.ZipFile(file, "w") as archive:
        for name, told in {**parts, **({} if new is None else {part: new})}.items():
            archive.writestr(name, told)


def test_exchanged_missing_and_foreign_parts_are_refused(filled: Store, tmp_path: Path) -> None:
    file = tmp_path / "backup.zip"
    manifest = backup(filled, file)
    whole = file.read_bytes()
    told = json.loads(manifest.told())
    fewer = {**told, "parts": dict(list(told["parts"].items())[1:])}
    part = next(iter(manifest.parts))
    for name, new in (
        (part, b"{}"),
        (part, None),
        (backups.MANIFEST, None),
        (backups.MANIFEST, b"[]"),
        (backups.MANIFEST, json.dumps({**told, "form": "another"}).encode()),
        (backups.MANIFEST, json.dumps(fewer).encode()),
    ):
        file.write_bytes(whole)
        changed(file, name, new)
        with pytest.raises(FaultyInput) as refused:
            read_manifest(file)
        assert refused.value.faults[0].rule is Rule.BACKUP_DAMAGED


def test_rows_that_do_not_add_up_bring_back_nothing(
    filled: Store, empty: str, tmp_path: Path
) -> None:
    """A manifest that says more than there is was not written with these parts."""
    file = tmp_path / "backup.zip"
    told = json.loads(backup(filled, file).told())
    told["rows"]["people"] += 1
    changed(file, backups.MANIFEST, json.dumps(told).encode())
    with pytest.raises(FaultyInput) as refused:
        restore(file, empty)
    assert refused.value.faults[0].rule is Rule.BACKUP_DAMAGED
    again = open_store(empty)
    assert not any(content(again).values())
    again.close()


def test_a_backup_of_a_later_version_is_refused(filled: Store, empty: str, tmp_path: Path) -> None:
    file = tmp_path / "backup.zip"
    told = json.loads(backup(filled, file).told())
    changed(file, backups.MANIFEST, json.dumps({**told, "revision": "9999"}).encode())
    with pytest.raises(FaultyInput) as refused:
        restore(file, empty)
    assert refused.value.faults[0].rule is Rule.STORE_NEWER


def test_what_is_no_backup_is_refused(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("no backup")
    for name, rule in (("note.txt", Rule.BACKUP_DAMAGED), ("missing", Rule.FILE_MISSING)):
        with pytest.raises(FaultyInput) as refused:
            restore(tmp_path / name, str(tmp_path / "store"))
        assert refused.value.faults[0].rule is rule


@pytest.fixture
def two_schools(store: Store) -> Store:
    take_in(store, [pupil(1)], ONE)
    take_in(store, [pupil(2, OTHER)], OTHER)
    return store


def test_a_backup_holds_every_school(two_schools: Store, empty: str, tmp_path: Path) -> None:
    """Row-level security must not leave out what the asker may not see."""
    backup(two_schools, tmp_path / "backup.zip")
    restore(tmp_path / "backup.zip", empty)
    again = open_store(empty)
    assert pseudonyms_of(again) == pseudonyms_of(two_schools)
    again.close()


def test_one_schools_view_makes_no_backup(two_schools: Store, tmp_path: Path) -> None:
    """It would look whole and leave out everybody else."""
    with pytest.raises(ValueError, match="whole store"):
        backup(two_schools.for_school(ONE), tmp_path / "backup.zip")


def test_a_backup_of_an_earlier_version_is_brought_up_to_date(tmp_path: Path, empty: str) -> None:
    """Else every backup would be worth nothing after the next update."""
    store = open_store(str(tmp_path / "store"))
    settle(store)
    before = content(store)
    with store.transaction() as connection:
        downgrade(connection, "0001")
    assert backup(store, tmp_path / "backup.zip").revision == "0001"
    store.close()
    restore(tmp_path / "backup.zip", empty)
    again = open_store(empty, upgraded=False)
    assert content(again) == before
    with pytest.raises(StoreRefused), again.transaction() as connection:
        connection.execute(text("UPDATE proposals SET status = 'started'"))
    again.close()
