"""Does any file at all bring the intake down? It may refuse, and only by facts."""

from __future__ import annotations

from contextlib import suppress
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from data.intake.openings import read_openings
from data.intake.pairs import read_pairs
from data.intake.pins import read_pins
from data.intake.place_list import read_place_list
from data.intake.plan_file import read_plan
from data.intake.reading import Upload
from data.intake.school_list import read_school_lists
from data.intake.target_file import read_target
from data.intake.travel_times import read_travel_times
from matching.errors import FaultyInput

HEADINGS = (
    "seeker", "place", "chance", "wish", "openings", "bond", "home", "site", "minutes", "title",
    "kldb", "postcode", "Interne ID-Nummer", "Postleitzahl", "Geburtsdatum", "Wunsch 1", "share",
)  # fmt: skip
WORDS = ("", "1", "a", "0.5", "1e999", "-1", "nan", "33330", "01.01.2010", '"', "\n", "\0", "ä")


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """Bytes of any kind, or something that looks much like a table."""
    if draw(st.booleans()):
        return draw(st.sampled_from([b"", b"PAR1", b"\xef\xbb\xbf"])) + draw(st.binary())
    separator = draw(st.sampled_from([";", ",", "\t", " = "]))
    end = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    headings = draw(st.lists(st.sampled_from(HEADINGS), min_size=1, max_size=6))
    rows = draw(st.lists(st.lists(st.sampled_from(WORDS), max_size=6), max_size=4))
    text = end.join(separator.join(cells) for cells in [headings, *rows])
    return text.encode(draw(st.sampled_from(["utf-8", "cp1252", "utf-16"])))


@settings(max_examples=60)
@given(files())
def test_any_file_is_read_or_refused(content: bytes) -> None:
    upload = Upload("file", content)
    readers = (
        read_pairs, read_openings, read_pins, read_place_list, read_plan, read_target,
        read_travel_times,
    )  # fmt: skip
    for read in readers:
        with suppress(FaultyInput):
            read(upload)
    with suppress(FaultyInput):
        read_school_lists([upload], date(2027, 8, 1))
