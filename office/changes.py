"""Has anything changed? A mark of a folder's files, the same as long as they are the same."""

from __future__ import annotations

import hashlib
from pathlib import Path


def mark_of(folder: Path) -> str:
    """A SHA-256 of the names and contents of all files that a district's plan is drawn from.

    Those are `schools/*.csv`, `places.csv` and `target.toml`; one that is not there, or can't be
    read, counts as such, so that the mark changes when it comes.
    """
    digest = hashlib.sha256()
    for path in [*sorted((folder / "schools").glob("*.csv")), *_single(folder)]:
        digest.update(f"|{path.name}|".encode())
        try:
            digest.update(hashlib.sha256(path.read_bytes()).digest())
        except OSError as refusal:
            digest.update(type(refusal).__name__.encode())
    return digest.hexdigest()


def _single(folder: Path) -> tuple[Path, Path]:
    return folder / "places.csv", folder / "target.toml"
