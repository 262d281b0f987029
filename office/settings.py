"""Where are things? The operator's data folder, the store, the district to show."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path


def _data_folder() -> Path:
    given = os.environ.get("UEBERGANG_DATA")
    if given:
        return Path(given)
    base = os.environ.get("XDG_DATA_HOME")
    return (Path(base) if base else Path.home() / ".local" / "share") / "uebergang"


def _district() -> Path | None:
    given = os.environ.get("UEBERGANG_DISTRICT")
    return Path(given) if given else None


def _database() -> str | None:
    return os.environ.get("UEBERGANG_DB") or None


def _key() -> bytes:
    return os.environ.get("UEBERGANG_KEY", "").encode()


@dataclass(frozen=True, slots=True)
class Settings:
    """What an operator sets from outside.

    `data_folder` (`UEBERGANG_DATA`) holds what was imported; `district` (`UEBERGANG_DISTRICT`) is
    the folder of files that the front end shows, the bundled sample where `None`. With a secret
    `key` (`UEBERGANG_KEY`) nobody else can find a person's pseudonym from school and number.
    `database` (`UEBERGANG_DB`) is the store: a SQLite file or a PostgreSQL URL.
    """

    data_folder: Path = field(default_factory=_data_folder)
    district: Path | None = field(default_factory=_district)
    key: bytes = field(default_factory=_key, repr=False)
    database: str | None = field(default_factory=_database, repr=False)

    @property
    def store(self) -> str:
        """Where the store is: the embedded one in the data folder unless another is named."""
        return self.database or str(self.data_folder / "uebergang.db")
