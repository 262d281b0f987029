"""Is the store sound and lean? Its log, the terms of what it holds, copies of it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from data.reference.boundaries import import_boundaries
from data.reference.kldb import import_kldb
from data.store.audit import Head, head, verify
from data.store.backup import Manifest, backup, restore
from data.store.retention import TERMS, read_terms, run
from office.access import Right, User, asks
from office.store_desk import StoreDesk


class UpkeepDesk(StoreDesk):
    """The part of the desk that looks after the store itself."""

    @asks(Right.CHECK_LOG)
    def verify_log(self, by: User, noted: str | None = None) -> tuple[int | None, Head]:
        """The first row of the log that is not as it was written, if any, and how far it goes.

        With a head `noted` elsewhere, rows cut off at the end are found too, and a store brought
        back from an older copy shows as one. Raises `FaultyInput` for a head of before the log.
        """
        known = None if noted is None else Head.read(noted)
        return verify(self.store, known), head(self.store)

    @asks(Right.RUN_RETENTION)
    def run_retention(
        self, by: User, today: date | None = None, terms: Path | None = None
    ) -> dict[str, int]:
        """Delete all that is beyond its term; returns how much of each class of data.

        `terms` is a TOML file with the office's own terms, else the one that the settings name.
        `swept` is 0 where the raw files could not be written anew because somebody was reading: run
        it again then.
        """
        file = terms or self.settings.terms_file
        own = TERMS if file is None else read_terms(file)
        return run(self.store, today or date.today(), by.name, own)

    @asks(Right.BACK_UP)
    def backup(self, file: Path, by: User) -> Manifest:
        """Write the whole store into one file, while others go on working."""
        return backup(self.store, file)

    @asks(Right.RESTORE)
    def restore(self, file: Path, by: User) -> tuple[Manifest, Head]:
        """Bring a backup back into the store, which must be empty; and how far its log goes.

        Whoever withdrew or was deleted after the copy was made is back too: only a head that was
        noted since tells, so the copy's own is to be held against it.
        """
        self.close()
        return restore(file, self.settings.store), head(self.store)

    @asks(Right.SET_REFERENCE)
    def import_occupations(self, source: Path, by: User) -> int:
        """Import the official table of occupations; returns how many it holds."""
        self.settings.data_folder.mkdir(parents=True, exist_ok=True)
        return import_kldb(source, self.settings.data_folder)

    @asks(Right.SET_REFERENCE)
    def import_shapes(self, source: Path, by: User) -> int:
        """Import the municipalities’ official boundaries from a GeoJSON file; returns how many.

        Raises `FaultyInput` with every fault, and then keeps what was there.
        """
        return import_boundaries(source, self.settings.data_folder)
