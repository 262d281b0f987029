"""Does any file at all bring the pupil readers down? A fuzzer that follows the code's branches.

    python -m benchmarks.fuzz_readers [READER] [RUNS]

READER is one of `text`, `workbook`, `interface`, `answers` (all in turn without one), RUNS how many
inputs each gets. A reader may refuse, and only by `FaultyInput`; every row is a record or waits.
Needs `atheris`, which is no dependency of the product.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from contextlib import nullcontext
from datetime import date
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZIP_STORED, ZipFile

try:
    import atheris
except ImportError:
    atheris = None

# Only what is imported under this watch tells the fuzzer which branches an input took.
with atheris.instrument_imports(include=["data.intake"]) if atheris else nullcontext():
    from data.intake.guard import Limits
    from data.intake.pupils import read_school_file
    from data.intake.reading import Upload
    from data.intake.template import csv_template, xlsx_template
    from matching.errors import FaultyInput

RUNS = 2_000
LIMITS = Limits(text=2**18, workbook=2**18, inflated=2**21, cells=20_000, values=20_000)

BASIC = b"Nachname|Vorname|Geburtsdatum|Klasse\nErfunden|Elif|31.12.2010|10A\n"
MORE = b"Nachname|Vorname|Geburtsdatum|Entlassdatum\nErfunden|Elif|31.12.2010|09.07.2027\n"
MARKS = b"Nachname|Vorname|Geburtsdatum|Fach|Note\nErfunden|Elif|31.12.2010|D|2-\n"
ANSWER = (
    b'[{"id": 1, "nachname": "Erfunden", "vorname": "Elif", "wohnortID": 2, "schulbesuch":'
    b' {"id": 1, "entlassungDatum": "2027-07-09"}, "lernabschnitte": [{"schuelerID": 1,'
    b' "leistungsdaten": [{"fach": "D", "note": "2"}]}], "orte": [{"id": 2, "plz": "33330"}]}]'
)


def read(*contents: bytes) -> None:
    """Read the files as one list; anything but a refusal or a full account is a defect."""
    sources = [Upload(f"{number}.dat", content) for number, content in enumerate(contents)]
    try:
        result = read_school_file(sources, "1", training_start=date(2027, 8, 1), limits=LIMITS)
    except FaultyInput:
        return
    assert result.rows == len(result.records) + len(result.waiting)


def text(content: bytes) -> None:
    """A list of any bytes."""
    read(content)


def workbook(content: bytes) -> None:
    """A workbook whose sheet and shared texts are any bytes, or an archive of any bytes."""
    read(content)
    sheet, _, strings = content.partition(b"\x00")
    copy = BytesIO()
    with ZipFile(BytesIO(xlsx_template())) as model, ZipFile(copy, "w", ZIP_STORED) as archive:
        for name in model.namelist():
            changed = {"xl/worksheets/sheet1.xml": sheet, "xl/sharedStrings.xml": strings}
            archive.writestr(name, changed.get(name) or model.read(name))
    read(copy.getvalue())


def interface(content: bytes) -> None:
    """Three interface files, of which the bytes say each."""
    parts = [*content.split(b"\x00"), BASIC, MORE, MARKS][:3]
    read(*parts)
    read(BASIC, content)


def answers(content: bytes) -> None:
    """JSON of any bytes."""
    read(content)
    read(b"[" + content + b"]", ANSWER)


READERS: dict[str, tuple[Callable[[bytes], None], tuple[bytes, ...]]] = {
    "text": (text, (csv_template(), BASIC)),
    "workbook": (workbook, (xlsx_template(),)),
    "interface": (interface, (b"\x00".join((BASIC, MORE, MARKS)), MARKS)),
    "answers": (answers, (ANSWER,)),
}


def main() -> None:
    """Fuzz one reader or all, each in a process of its own: the fuzzer ends its process itself."""
    names = sys.argv[1:2] or [*READERS]
    runs = sys.argv[2] if len(sys.argv) > 2 else str(RUNS)
    for name in names:
        with TemporaryDirectory() as corpus:
            for number, seed in enumerate(READERS[name][1]):
                (Path(corpus) / str(number)).write_bytes(seed)
            command = [sys.executable, "-m", "benchmarks.fuzz_readers", name, runs, corpus]
            subprocess.run(command, check=True)


def fuzz(name: str, runs: str, corpus: str) -> None:
    """Fuzz one reader in this process, beginning with the files of a folder."""
    if atheris is None:
        sys.exit("atheris is not installed")
    arguments = [f"-runs={runs}", "-max_len=8192", "-timeout=10", corpus]
    atheris.Setup([sys.argv[0], *arguments], READERS[name][0])
    atheris.Fuzz()


if __name__ == "__main__":
    if len(sys.argv) == 4:
        fuzz(*sys.argv[1:])
    else:
        main()
