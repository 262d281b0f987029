"""Which papers do the tests make? Invented ones, and names that try to be more than names."""

from __future__ import annotations

from datetime import date
from io import BytesIO

from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject

from matching.problem import Certificate
from office.reports.firm_list import FirmList, Introduced, cipher
from office.reports.information import Information
from office.reports.letter import Letter, Proposed, Sender

DAY = date(2026, 11, 22)
KEY = b"a key of the tests"

SENDER = Sender(
    "Übergang im Kreis", "Musterstraße 1", "33330 Gütersloh", "05241 000", "rat@example.org"
)

PLACES = (
    Proposed(
        "Industriekaufmann / Industriekauffrau",
        "Beispiel Werke GmbH",
        "Gütersloh",
        date(2027, 8, 1),
        wished=1,
        minutes=23.4,
        asked=Certificate.MSA,
    ),
    Proposed(
        "Kaufmann für Büromanagement / Kauffrau für Büromanagement",
        "Muster & Söhne KG",
        "Verl",
        date(2027, 8, 1),
        near_wish="Industriekaufmann / Industriekauffrau",
        minutes=31,
        asked=Certificate.NONE,
    ),
    Proposed(
        "Kaufmann im Groß- und Außenhandel / Kauffrau im Groß- und Außenhandel",
        "Erfundene Handel AG",
        "Schloß Holte-Stukenbrock",
        date(2027, 9, 1),
        wished=3,
        minutes=48,
        asked=Certificate.ESA,
        words="Dort haben Sie im März Ihr Praktikum gemacht.",
    ),
)

INFORMATION = Information(SENDER, DAY, "Datenschutz, Telefon 05241 001", invented=True)

#: Names that a program might take for orders, and what must stand on the paper.
HOSTILE = {
    '#import "x": *': '#import "x": *',
    "$x$ *b* _i_ `r` @a <b> // c": "$x$ *b* _i_ `r` @a <b> // c",
    '=HYPERLINK("http://evil.example")': '=HYPERLINK("http://evil.example")',
    "\\u{41} #{panic()} [x]": "\\u{41} #{panic()} [x]",
    "An\u202ena\u202c": "Anna",
    "Eva\x00\x07\nBöhm": "Eva Böhm",
    "Lee \u5433 \U0001f600": "Lee □ □",
}


def letter(to: str = "Mira Öztürk-Weiß", places: tuple[Proposed, ...] = PLACES) -> Letter:
    """A letter to somebody who does not exist."""
    return Letter(
        SENDER,
        "2027-0042",
        DAY,
        to,
        ("Lindenallee 7", "33415 Verl"),
        "Anna Berater",
        date(2026, 11, 20),
        places,
        invented=True,
    )


def firm_list(people: int = 6) -> FirmList:
    """A list of people for a firm, of whom the second agreed that it learns the name."""
    rows = tuple(
        Introduced(
            cipher(KEY, "Beispiel Werke", f"p{n}"),
            "Industriekaufmann / Industriekauffrau",
            Certificate(n % 6),
            date(2027, 7, 15),
            f"Vorname{n} Nachname{n}",
            DAY if n == 1 else None,
        )
        for n in range(people)
    )
    to = ("Werkstraße 12", "33330 Gütersloh")
    return FirmList(SENDER, "2027-0107", DAY, "Beispiel Werke GmbH", to, "Anna Berater", rows)


def read(paper: bytes) -> PdfReader:
    """A PDF as a reader opens it."""
    return PdfReader(BytesIO(paper))


def text_of(paper: bytes) -> str:
    """All words of a PDF, in one line."""
    return " ".join(" ".join(page.extract_text() for page in read(paper).pages).split())


def tags(paper: bytes) -> list[tuple[str, str | None]]:
    """The tags of a PDF in the order of reading, each with its description if it has one."""
    found: list[tuple[str, str | None]] = []

    def walk(node: object) -> None:
        if isinstance(node, ArrayObject):
            for one in node:
                walk(one.get_object())
        elif isinstance(node, DictionaryObject):
            if "/S" in node:
                found.append((str(node["/S"]), str(node["/Alt"]) if "/Alt" in node else None))
            if "/K" in node:
                walk(node["/K"].get_object())

    walk(read(paper).trailer["/Root"]["/StructTreeRoot"])  # type: ignore[index]
    return found
