"""Which school certificate is meant? The keys, abbreviations and titles that schools write.

`certificates.csv` holds the vocabulary in order, lowest first: the first row of a certificate
carries the title we show. `key` is the one-letter key of the state's school statistics
(Schulabschluss allgemeinbildend), old and new titles side by side: what was Hauptschulabschluss
until 2022 is Erster Schulabschluss since.

Where the state knows more steps than an employer asks for, each goes by the level that it surely
reaches: the school part of the Fachhochschulreife and the fachgebundene Hochschulreife count as
FHR; reports without a general certificate (zieldifferente Bildungsgänge, Waldorf) as none.
"""

from __future__ import annotations

import csv
import re
from functools import cache
from pathlib import Path

from matching.problem import Certificate


@cache
def _rows() -> tuple[tuple[Certificate, str, str, str], ...]:
    with Path(__file__).with_name("certificates.csv").open(encoding="utf-8", newline="") as table:
        return tuple(
            (Certificate[row["certificate"]], row["key"], row["abbreviation"], row["title"])
            for row in csv.DictReader(table, delimiter=";")
        )


def _plain(text: str) -> str:
    """The text without case, dashes, underscores and needless space."""
    return re.sub(r"[\s_–—-]+", " ", text).strip().casefold()


@cache
def _words() -> dict[str, Certificate]:
    return {
        _plain(word): certificate
        for certificate, *words in _rows()
        for word in (*words, certificate.name)
        if word
    }


def certificate_of(text: str) -> Certificate | None:
    """The certificate that a key, abbreviation or title means, or `None` for an unknown word.

    Case, spaces, dashes and underscores do not matter.
    """
    return _words().get(_plain(text))


@cache
def certificate_title(certificate: Certificate) -> str:
    """The certificate's German name as it is written today."""
    return next(title for known, _, _, title in _rows() if known is certificate)
