"""Where are things? The operator's data folder, the store, copies, terms."""

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


def _database() -> str | None:
    return os.environ.get("UEBERGANG_DB") or None


def _copies() -> Path | None:
    given = os.environ.get("UEBERGANG_COPIES")
    return Path(given) if given else None


def _terms() -> Path | None:
    given = os.environ.get("UEBERGANG_TERMS")
    return Path(given) if given else None


def _key() -> bytes:
    return os.environ.get("UEBERGANG_KEY", "").encode()


@dataclass(frozen=True, slots=True)
class Settings:
    """What an operator sets from outside.

    `data_folder` (`UEBERGANG_DATA`) holds what was imported. With a secret `key`
    (`UEBERGANG_KEY`) nobody else can find the pseudonym that files give a person from school and
    number.
    `database` (`UEBERGANG_DB`) is the store: a SQLite file or a PostgreSQL URL. `copies_folder`
    (`UEBERGANG_COPIES`) is where backups go, `terms_file` (`UEBERGANG_TERMS`) a TOML file with the
    office's own terms.
    """

    data_folder: Path = field(default_factory=_data_folder)
    key: bytes = field(default_factory=_key, repr=False)
    database: str | None = field(default_factory=_database, repr=False)
    copies_folder: Path | None = field(default_factory=_copies)
    terms_file: Path | None = field(default_factory=_terms)

    @property
    def store(self) -> str:
        """Where the store is: the embedded one in the data folder unless another is named."""
        return self.database or str(self.data_folder / "uebergang.db")

    @property
    def copies(self) -> Path:
        """Where backups go: a folder in the data folder unless another is named."""
        return self.copies_folder or self.data_folder / "copies"
