"""Can bytes break a reader of offers, outcomes or contacts? Atheris tries: nothing but a refusal.

    python -m benchmarks.fuzz_offers offers -max_total_time=60

Each entry takes any bytes and returns what was read, or `None` for a file that was refused.
Whatever else comes out of it is a defect.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable

from data.intake.contacts import read_contacts
from data.intake.offers import read_offers
from data.intake.outcomes import read_outcomes
from data.intake.reading import Upload
from data.intake.records import ContactRecord, FileRead, OutcomeRecord, PlaceRecord
from matching.errors import FaultyInput

Found = FileRead[PlaceRecord] | FileRead[OutcomeRecord] | FileRead[ContactRecord] | None

#: What a file of each kind begins with, so that the fuzzer reaches the reader behind the guard.
STARTS = {
    "offers": b"",
    "list": b"Nummer;Beruf;PLZ;Beginn\n",
    "jobsuche": b'{"ergebnisliste":[{"referenznummer":"1","hauptberuf":"Koch",',
    "job_posting": b'{"@type":"JobPosting","title":"Azubi Koch",',
    "hr_ba_xml": b"<HRBAXMLJobPositionPosting><Data><JobPositionPosting>",
    "outcomes": b"seeker;Anschlussoption;Datum\n",
    "contacts": b"seeker;Platz;Stand;Abgesagt durch;Grund\n",
}


def offers(content: bytes) -> Found:
    """What offers any bytes hold."""
    return _read(lambda: read_offers([Upload("fuzz", content)]))


def outcomes(content: bytes) -> Found:
    """What outcomes any bytes hold."""
    return _read(lambda: read_outcomes(Upload("fuzz", content)))


def contacts(content: bytes) -> Found:
    """What contacts any bytes hold."""
    return _read(lambda: read_contacts(Upload("fuzz", content)))


READERS = {"outcomes": outcomes, "contacts": contacts}


def entry(name: str) -> Callable[[bytes], None]:
    """The reader of this name, fed with bytes both as they are and behind a fitting start."""
    read, start = READERS.get(name, offers), STARTS[name]

    def once(content: bytes) -> None:
        for whole in {content, start + content}:
            found = read(whole)
            assert found is None or found.rows == len(found.records) + len(found.waiting)

    return once


def _read(read: Callable[[], Found]) -> Found:
    try:
        return read()
    except FaultyInput:
        return None


def main() -> None:
    """Fuzz one reader until the time given is over."""
    import atheris  # noqa: PLC0415

    name = sys.argv.pop(1) if sys.argv[1:] and sys.argv[1] in STARTS else "offers"
    # The fuzzer follows only what is imported under its eyes, so all of ours is imported anew.
    for module in [module for module in sys.modules if module.partition(".")[0] == "data"]:
        del sys.modules[module]
    with atheris.instrument_imports(include=["data"]):
        watched = importlib.import_module("benchmarks.fuzz_offers")
    atheris.Setup(sys.argv, watched.entry(name))
    atheris.Fuzz()


if __name__ == "__main__":
    main()
