"""How is the store kept safe, and brought back? One file, checked, into an empty database.

A backup is a zip with a manifest: the revision of the tables, rows by table, the SHA-256 of every
part. From SQLite it holds the database itself, copied by SQLite's own online backup; from
PostgreSQL a file of JSON lines a table, all read in one REPEATABLE READ transaction, so that no
other program is needed. Either can be brought back into either database.

A backup holds everything the store holds: it needs the same care, and a term of its own, since a
person who was deleted from the store is still in the backups of before.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    JSON,
    Connection,
    Date,
    DateTime,
    LargeBinary,
    MetaData,
    Table,
    func,
    insert,
    select,
    text,
)

from data.store.import_log import chunks
from data.store.migrations import downgrade, knows, newest_revision, upgrade
from data.store.opening import Store, open_store
from data.store.tables import metadata
from matching.errors import Fault, FaultyInput, Rule

MANIFEST = "manifest.json"
DATABASE = "store.sqlite"

_FORM = "uebergang backup 1"
_AT_ONCE = 2_000
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds: when it was made, of which revision, rows by table, hashes by part."""

    made_at: str
    revision: str
    rows: Mapping[str, int]
    parts: Mapping[str, str]

    def told(self) -> str:
        """As JSON."""
        facts = {name: getattr(self, name) for name in self.__slots__}
        return json.dumps({"form": _FORM, **facts}, indent=1, sort_keys=True)


def backup(store: Store, target: Path) -> Manifest:
    """Write the whole store into one file, readable by its owner alone, while others go on.

    The file is there when it is whole, or not at all; one of that name is replaced. Raises
    `FaultyInput` (`BACKUP_DAMAGED`) if the copy does not stand up to the database's own check, and
    `ValueError` for one school's view of a store: what it can't see would be missing.
    """
    if store.school is not None:
        raise ValueError("a backup is of the whole store")
    target = target.expanduser().absolute()
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as folder:
        part = Path(folder) / "backup.zip"
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT, 0o600))
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
            make = _copy_sqlite if store.is_sqlite else _copy_rows
            manifest = make(store, archive, Path(folder))
            archive.writestr(MANIFEST, manifest.told())
        with part.open("rb") as written:
            os.fsync(written.fileno())
        part.replace(target)
    return manifest


def restore(file: Path, url: str) -> Manifest:
    """Bring a backup back into an empty database, all of it or nothing, and check the rows.

    The tables are made as they were at the backup's revision, then brought up to date. Raises
    `FaultyInput`: `FILE_MISSING`, `BACKUP_DAMAGED` (every part is checked first), `STORE_NEWER`
    (of a later version of the product), `STORE_NOT_EMPTY`, or as `open_store` does.
    """
    if not file.exists():
        raise FaultyInput((Fault(Rule.FILE_MISSING, str(file)),))
    manifest = read_manifest(file)
    if not knows(manifest.revision):
        raise FaultyInput((Fault(Rule.STORE_NEWER, str(file), value=manifest.revision),))
    store = open_store(url)
    try:
        with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(file) as archive:
            source = _Source(archive, Path(folder), manifest)
            with store.transaction() as connection, closing(source):
                _refuse_unless_empty(connection, url)
                _make_tables(connection, manifest.revision)
                _fill(connection, source)
                upgrade(connection)
    finally:
        store.close()
    return manifest


def read_manifest(file: Path) -> Manifest:
    """What a backup says it holds, after checking that it does.

    Raises `FaultyInput` (`BACKUP_DAMAGED`) naming the part that is not as it was written.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            told = json.loads(archive.read(MANIFEST))
            if told.pop("form") != _FORM:
                raise _damaged(file, MANIFEST)
            manifest = Manifest(**told)
            expected = {f"{table}.jsonl" for table in manifest.rows}
            if manifest.parts.keys() not in (expected, {DATABASE}):
                raise _damaged(file, MANIFEST)
            for part, digest in manifest.parts.items():
                if _digest(archive, part) != digest:
                    raise _damaged(file, part)
            return manifest
    except FaultyInput:
        raise
    except Exception:
        # A broken archive shows in many ways: zipfile, zlib and json each have errors of their own.
        raise _damaged(file, MANIFEST) from None


# Writing -----------------------------------------------------------------------------------------


def _copy_sqlite(store: Store, archive: zipfile.ZipFile, folder: Path) -> Manifest:
    copy = folder / DATABASE
    os.close(os.open(copy, os.O_WRONLY | os.O_CREAT, 0o600))
    raw = store.engine.raw_connection()
    try:
        driver: Any = raw.driver_connection
        with closing(sqlite3.connect(copy)) as target:
            driver.backup(target, pages=-1)
            target.execute("PRAGMA journal_mode = DELETE")
            if target.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
                raise _damaged(copy, DATABASE)
            if target.execute("PRAGMA foreign_key_check").fetchall():
                raise _damaged(copy, DATABASE)
            there = {name for (name,) in target.execute("SELECT name FROM sqlite_master")}
            # A store of an earlier version lacks the tables that came later.
            rows = {
                table.name: target.execute(f'SELECT count(*) FROM "{table.name}"').fetchone()[0]
                for table in metadata.sorted_tables
                if table.name in there
            }
            (revision,) = target.execute("SELECT version_num FROM alembic_version").fetchone()
    finally:
        raw.close()
    archive.write(copy, DATABASE)
    digest = hashlib.sha256()
    with copy.open("rb") as content:
        while block := content.read(_BLOCK):
            digest.update(block)
    return Manifest(_now(), revision, rows, {DATABASE: digest.hexdigest()})


def _copy_rows(store: Store, archive: zipfile.ZipFile, _folder: Path) -> Manifest:
    rows: dict[str, int] = {}
    parts: dict[str, str] = {}
    with store.reading() as connection:
        for table in metadata.sorted_tables:
            digest, count, part = hashlib.sha256(), 0, f"{table.name}.jsonl"
            with archive.open(part, "w", force_zip64=True) as out:
                for line in _lines(connection, table):
                    digest.update(line)
                    out.write(line)
                    count += 1
            rows[table.name], parts[part] = count, digest.hexdigest()
    return Manifest(_now(), newest_revision(), rows, parts)


def _lines(connection: Connection, table: Table) -> Iterator[bytes]:
    """A table's rows in the order of its key: each a JSON object and a line end."""
    chosen = select(table).order_by(*table.primary_key.columns)
    with closing(connection.execute(chosen.execution_options(yield_per=_AT_ONCE))) as found:
        for row in found.mappings():
            told = {name: _as_json(value) for name, value in row.items()}
            yield json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _as_json(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


# Reading -----------------------------------------------------------------------------------------


class _Source:
    """The rows of a backup, whichever database it was made from."""

    def __init__(self, archive: zipfile.ZipFile, folder: Path, manifest: Manifest) -> None:
        self.manifest = manifest
        self._archive = archive
        self._copy: Store | None = None
        if DATABASE in manifest.parts:
            archive.extract(DATABASE, folder)
            self._copy = open_store(str(folder / DATABASE), upgraded=False)

    def rows(self, table: Table) -> Iterator[dict[str, Any]]:
        """A table's rows as they go into a database, in the order of their keys."""
        if self._copy is not None:
            with self._copy.reading() as connection:
                order = select(table).order_by(*table.primary_key.columns)
                chosen = connection.execute(order.execution_options(yield_per=_AT_ONCE))
                with closing(chosen) as found:
                    for row in found.mappings():
                        yield {str(name): value for name, value in row.items()}
            return
        with self._archive.open(f"{table.name}.jsonl") as lines:
            for line in lines:
                told = json.loads(line)
                yield {name: _value(table, name, value) for name, value in told.items()}

    def close(self) -> None:
        """Let go of the files."""
        if self._copy is not None:
            self._copy.close()


def _value(table: Table, column: str, value: Any) -> Any:
    """A column's value from its JSON."""
    kind = table.c[column].type
    if value is None:
        return None
    if isinstance(kind, DateTime):
        return datetime.fromisoformat(value)
    if isinstance(kind, Date):
        return date.fromisoformat(value)
    return base64.b64decode(value) if isinstance(kind, LargeBinary) else value


def _refuse_unless_empty(connection: Connection, url: str) -> None:
    for table in metadata.sorted_tables:
        if connection.scalar(select(func.count()).select_from(table)):
            shown = url.rpartition("@")[2]
            raise FaultyInput((Fault(Rule.STORE_NOT_EMPTY, file=shown, value=table.name),))


def _make_tables(connection: Connection, revision: str) -> None:
    """The tables as they were; they are empty, so nothing is lost by going there."""
    if revision != newest_revision():
        downgrade(connection)
        upgrade(connection, revision)


def _fill(connection: Connection, source: _Source) -> None:
    """Put every table's rows in, the settings first: they say where the log begins."""
    there = _tables_of(connection)
    tables = sorted(there, key=lambda table: table.name != "settings")
    for table in (table for table in tables if table.name in source.manifest.rows):
        filled = 0
        for some in chunks(source.rows(table), _AT_ONCE):
            connection.execute(insert(table), some)
            filled += len(some)
        if filled != source.manifest.rows[table.name]:
            raise FaultyInput((Fault(Rule.BACKUP_DAMAGED, column=table.name),))
        if connection.dialect.name == "postgresql" and "id" in table.c:
            _go_on_counting(connection, table)


def _tables_of(connection: Connection) -> list[Table]:
    """The tables that are there, in the order in which rows can go in."""
    there = MetaData()
    there.reflect(connection)
    for table in there.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, JSON):
                column.type = JSON(none_as_null=True)
    return there.sorted_tables


def _go_on_counting(connection: Connection, table: Table) -> None:
    """Numbers that PostgreSQL gives itself must go on after those that came in."""
    counter = connection.scalar(
        text("SELECT pg_get_serial_sequence(:name, 'id')"), {"name": table.name}
    )
    last = connection.scalar(select(func.max(table.c.id)))
    if counter is not None and last is not None:
        connection.execute(
            text("SELECT setval(:counter, :last)"), {"counter": counter, "last": last}
        )


def _digest(archive: zipfile.ZipFile, part: str) -> str:
    digest = hashlib.sha256()
    with archive.open(part) as content:
        while block := content.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _damaged(file: Path, part: str) -> FaultyInput:
    return FaultyInput((Fault(Rule.BACKUP_DAMAGED, str(file), column=part),))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
