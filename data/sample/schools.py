"""Which schools are there in the invented district, and how does each write its list?

No such school exists: the numbers from 999001 on belong to none in the state, and the names are
made up. Only the school forms are real.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from data.reference.certificates import certificate_title
from matching.problem import Certificate


@dataclass(frozen=True, slots=True)
class School:
    """One invented school; `size` is its leavers in proportion.

    How it writes: `certificates` and `wishes` name a way of writing them, `encoding` is that of its
    file, `order` a column that it puts first.
    """

    number: str
    name: str
    form: str
    municipality: str
    size: int
    certificates: str = "title"
    wishes: str = "title"
    encoding: str = "utf-8"
    order: str | None = None


_BOM, _WINDOWS = "utf-8-sig", "cp1252"

SCHOOLS = (
    School("999001", "Gesamtschule Buchenhain", "GE", "Gütersloh", 9, wishes="code", encoding=_BOM),
    School("999002", "Gesamtschule Heidegrund", "GE", "Rheda-Wiedenbrück", 8, "abbreviation"),
    School("999003", "Gesamtschule Lindenbogen", "GE", "Verl", 6, encoding=_BOM),
    School("999004", "Gesamtschule Mühlenfeld", "GE", "Harsewinkel", 6, "key", "code"),
    School("999005", "Gesamtschule Wiesenufer", "GE", "Schloß Holte-Stukenbrock", 6, "old"),
    School("999006", "Gesamtschule Eichenring", "GE", "Halle (Westf.)", 6, "abbreviation", "code"),
    School("999007", "Realschule Ahornweg", "RS", "Gütersloh", 7, encoding=_WINDOWS),
    School("999008", "Realschule Sonnenhang", "RS", "Steinhagen", 6, wishes="code", encoding=_BOM),
    School("999009", "Sekundarschule Erlengrund", "SK", "Versmold", 6, "abbreviation"),
    School("999010", "Sekundarschule Kastanienhof", "SK", "Langenberg", 4, order="Klasse"),
    School("999011", "Hauptschule Birkenkamp", "HS", "Rietberg", 9, "old", "code"),
    School("999012", "Gymnasium Uhlenhöhe", "GY", "Gütersloh", 6, "abbreviation", encoding=_BOM),
    School("999013", "Gymnasium Rosenwall", "GY", "Rheda-Wiedenbrück", 5, wishes="code"),
    School("999014", "Berufskolleg Emsbogen", "BK", "Gütersloh", 9, "abbreviation", "code"),
    School("999015", "Berufskolleg Nordring", "BK", "Halle (Westf.)", 6, order="Schul-Nummer"),
    School("999016", "Berufskolleg Süderbrede", "BK", "Rheda-Wiedenbrück", 7, "key", "code", _BOM),
    School("999017", "Förderschule Haselgrund", "FÖ", "Gütersloh", 9),
)

#: The names of the forms, as a reader of the sample wants them.
FORMS = {
    "GE": "Gesamtschule",
    "RS": "Realschule",
    "SK": "Sekundarschule",
    "HS": "Hauptschule",
    "GY": "Gymnasium",
    "BK": "Berufskolleg",
    "FÖ": "Förderschule",
}

_C = Certificate
#: Where people with a certificate go to school, in proportion: an estimate by what the forms award.
FORMS_BY_CERTIFICATE: Mapping[Certificate, Mapping[str, int]] = {
    _C.NONE: {"FÖ": 50, "HS": 15, "SK": 12, "GE": 8, "BK": 15},
    _C.ESA: {"HS": 26, "SK": 22, "GE": 26, "FÖ": 10, "BK": 16},
    _C.EESA: {"HS": 22, "SK": 22, "GE": 34, "RS": 6, "FÖ": 3, "BK": 13},
    _C.MSA: {"RS": 34, "GE": 34, "SK": 12, "HS": 5, "GY": 3, "BK": 12},
    _C.FHR: {"BK": 70, "GE": 18, "GY": 12},
    _C.ABITUR: {"GY": 52, "GE": 28, "BK": 20},
}

#: How schools write a certificate, each way from none to Abitur.
WRITTEN: Mapping[str, Mapping[Certificate, str]] = {
    way: dict(zip(Certificate, words, strict=True))
    for way, words in {
        "title": tuple(certificate_title(certificate) for certificate in Certificate),
        "abbreviation": ("OA", "ESA", "EESA", "MSA", "FHR", "ABITUR"),
        "key": ("A", "C", "D", "F", "J", "K"),
        "old": (
            "Ohne Abschluss",
            "Hauptschulabschluss nach Klasse 9",
            "Hauptschulabschluss nach Klasse 10",
            "FOR",
            "Fachhochschulreife",
            "Allgemeine Hochschulreife",
        ),
    }.items()
}
