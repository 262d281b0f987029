"""Are pairs, openings and pins read as they are, and is every fault in them found?"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from data.intake import pairs as pairs_module
from data.intake.checks import checked
from data.intake.openings import read_openings
from data.intake.pairs import Pairs, read_pairs
from data.intake.pins import read_pins
from data.intake.problem_files import problem_of, read_problem
from data.intake.reading import Upload
from matching.errors import BrokenPromise, Fault, FaultyInput, Rule
from matching.problem import Bond, Pin
from matching.target import Target

Row = tuple[str, str, float, float]

UNIT = st.floats(1e-9, 1.0)
ROWS = st.lists(
    st.tuples(st.integers(0, 12).map(str), st.sampled_from("pqrstuvw"), UNIT, UNIT),
    min_size=1,
    max_size=30,
    unique_by=lambda row: row[:2],
)

#: What can be planted in a cell of each column, and the rule that it breaks.
BAD: dict[str, dict[str, Rule]] = {
    "seeker": {"": Rule.VALUE_MISSING, "  ": Rule.VALUE_MISSING},
    "place": {"": Rule.VALUE_MISSING},
    "chance": {
        "": Rule.VALUE_MISSING,
        "much": Rule.NUMBER_UNREADABLE,
        "1/2": Rule.NUMBER_UNREADABLE,
        "0": Rule.CHANCE_OUT_OF_RANGE,
        "1.5": Rule.CHANCE_OUT_OF_RANGE,
        "-0.1": Rule.CHANCE_OUT_OF_RANGE,
        "nan": Rule.CHANCE_OUT_OF_RANGE,
        "inf": Rule.CHANCE_OUT_OF_RANGE,
    },
    "wish": {"2": Rule.WISH_OUT_OF_RANGE, "dear": Rule.NUMBER_UNREADABLE},
}
COLUMNS = tuple(BAD)


def csv_of(rows: list[list[str]], separator: str = ",", end: str = "\n") -> bytes:
    return "".join(separator.join(row) + end for row in [list(COLUMNS), *rows]).encode()


def texts(rows: list[Row]) -> list[list[str]]:
    return [[seeker, place, repr(chance), repr(wish)] for seeker, place, chance, wish in rows]


def parquet_of(columns: Mapping[str, object]) -> Upload:
    file = io.BytesIO()
    pq.write_table(pa.table(dict(columns)), file)
    return Upload("pairs.parquet", file.getvalue())


def as_rows(pairs: Pairs) -> list[Row]:
    assert pairs.wish is not None
    columns = (pairs.seeker, pairs.place, pairs.chance, pairs.wish)
    return [
        (pairs.seekers[seeker], pairs.places[place], chance, wish)
        for seeker, place, chance, wish in zip(*(c.tolist() for c in columns), strict=True)
    ]


def faults_of(read: Callable[[], object]) -> tuple[Fault, ...]:
    with pytest.raises(FaultyInput) as refused:
        read()
    return refused.value.faults


@given(rows=ROWS, data=st.data())
def test_pairs_are_read_as_they_are_in_any_order(rows: list[Row], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(rows))
    separator, end = data.draw(st.sampled_from(",;\t")), data.draw(st.sampled_from(["\n", "\r\n"]))
    pairs = read_pairs(Upload("pairs.csv", csv_of(texts(shuffled), separator, end)))
    assert as_rows(pairs) == sorted(rows)
    assert pairs.seekers == tuple(sorted({row[0] for row in rows}))
    assert pairs.places == tuple(sorted({row[1] for row in rows}))


@given(rows=ROWS, whole=st.booleans(), coded=st.booleans())
def test_parquet_and_csv_read_alike(rows: list[Row], whole: bool, coded: bool) -> None:
    """Ids may be stored as numbers, as text or as dictionaries of text."""
    seeker, place, chance, wish = (list(column) for column in zip(*rows, strict=True))
    seekers = pa.array([int(name) for name in seeker]) if whole else pa.array(seeker)
    places = pa.array(place).dictionary_encode() if coded else pa.array(place)
    columns = {"place": places, "wish": wish, "seeker": seekers, "chance": chance}
    assert as_rows(read_pairs(parquet_of(columns))) == sorted(rows)


@given(rows=ROWS)
def test_the_fast_way_and_the_careful_way_read_alike(rows: list[Row]) -> None:
    source = Upload("pairs.csv", csv_of(texts(rows)))
    columns, _ = pairs_module._columns(source)
    fast = pairs_module._pairs_of(source, columns, ())
    text = checked(source, pairs_module.SCHEMA)
    careful = pairs_module._pairs_of(source, pairs_module._columns_of(text), ())
    assert as_rows(fast) == as_rows(careful)


@settings(max_examples=40)
@given(rows=ROWS, data=st.data())
def test_every_planted_fault_is_found_and_nothing_else(
    rows: list[Row], data: st.DataObject
) -> None:
    cells = texts(rows)
    spots = st.tuples(st.integers(0, len(rows) - 1), st.sampled_from(COLUMNS))
    planted = data.draw(st.sets(spots, min_size=1, max_size=6))
    expected = set()
    for row, column in planted:
        bad, rule = data.draw(st.sampled_from(sorted(BAD[column].items())))
        cells[row][COLUMNS.index(column)] = bad
        value = None if rule is Rule.VALUE_MISSING else bad
        expected.add(Fault(rule, "pairs.csv", row + 2, column, value))
    # A row without anything in it is a blank line, not a fault.
    assume(all(any(cell.strip() for cell in row) for row in cells))
    whole = [row for row in range(len(rows)) if not {(row, c) for c in COLUMNS[:2]} & planted]
    for row in data.draw(st.sets(st.sampled_from(whole), max_size=2)) if whole else ():
        cells.append([*cells[row][:2], "0.5", "0.5"])
        place = cells[row][1]
        expected.add(Fault(Rule.PAIR_TWICE, "pairs.csv", len(cells) + 1, "place", place))
    found = faults_of(lambda: read_pairs(Upload("pairs.csv", csv_of(cells, ";"))))
    assert len(found) == len(expected)
    assert set(found) == expected
    assert [fault.row for fault in found] == sorted(fault.row or 0 for fault in found)


@settings(max_examples=40)
@given(rows=ROWS, data=st.data())
def test_every_fault_in_parquet_is_found_too(rows: list[Row], data: st.DataObject) -> None:
    seeker, place, chance, _ = (list(column) for column in zip(*rows, strict=True))
    row = data.draw(st.integers(0, len(rows) - 1))
    bad = data.draw(st.sampled_from([0.0, 1.5, -1.0, float("nan"), float("inf")]))
    chances: list[object] = [*chance]
    chances[row] = bad
    other = data.draw(st.integers(0, len(rows) - 1))
    places: list[object] = [*place]
    places[other] = None
    columns = {"seeker": seeker, "place": places, "chance": chances}
    found = faults_of(lambda: read_pairs(parquet_of(columns)))
    assert {(fault.rule, fault.row, fault.column) for fault in found} == {
        (Rule.CHANCE_OUT_OF_RANGE, row + 2, "chance"),
        (Rule.VALUE_MISSING, other + 2, "place"),
    }


def test_a_parquet_file_is_known_by_its_content(tmp_path: Path) -> None:
    path = tmp_path / "pairs.data"
    path.write_bytes(parquet_of({"seeker": ["a"], "place": [1], "chance": [1]}).content)
    assert read_pairs(path).chance.tolist() == [1.0]
    path.write_bytes(path.read_bytes()[:-20])
    assert faults_of(lambda: read_pairs(path)) == (Fault(Rule.FILE_UNREADABLE, str(path)),)
    path.unlink()
    assert faults_of(lambda: read_pairs(path)) == (Fault(Rule.FILE_MISSING, str(path)),)


def test_columns_of_an_unusual_type() -> None:
    """Numbers stored as text, ids stored as fractions, a list where a chance should be."""
    pairs = read_pairs(parquet_of({"seeker": [1.0], "place": ["p"], "chance": [0.5]}))
    assert (pairs.seekers, len(pairs)) == (("1",), 1)
    pairs = read_pairs(parquet_of({"seeker": [1], "place": ["p"], "chance": ["0.5"]}))
    assert pairs.chance.tolist() == [0.5]
    strange = parquet_of({"seeker": [[1]], "place": [[1]]})
    assert [fault.column for fault in faults_of(lambda: read_pairs(strange))] == [
        None, "seeker", "place", "chance"
    ]  # fmt: skip
    lists = {"seeker": ["a"], "place": ["p"], "chance": [[0.5]]}
    assert faults_of(lambda: read_pairs(parquet_of(lists)))[0].rule is Rule.COLUMN_MISSING


def test_two_readings_that_disagree_are_a_defect(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the careful reading lets through must fit; anything else would pass unseen."""

    def unfit(*_: object) -> None:
        raise pairs_module._Unfit

    monkeypatch.setattr(pairs_module, "_pairs_of", unfit)
    with pytest.raises(BrokenPromise):
        read_pairs(Upload("pairs.csv", csv_of(texts([("a", "p", 0.5, 0.5)]))))


def test_files_that_are_no_pairs() -> None:
    for content, expected in {
        b"seeker,chance\na,0.5\n": [(Rule.COLUMN_MISSING, 1, "place")],
        b"a,b\n1,2\n": [(Rule.COLUMN_MISSING, 1, name) for name in COLUMNS[:3]],
        b"seeker,place,chance\n": [(Rule.NO_ROWS, None, None)],
        b"seeker,place,chance,place\na,b,1,c\n": [(Rule.COLUMN_TWICE, 1, "place")],
        b"seeker,place,chance\na,b,1,9\na,b\na,b,2\n": [
            (Rule.COLUMN_COUNT, 2, None),
            (Rule.COLUMN_COUNT, 3, None),
            (Rule.CHANCE_OUT_OF_RANGE, 4, "chance"),
        ],
    }.items():
        found = faults_of(lambda content=content: read_pairs(Upload("p", content)))  # type: ignore[misc]
        assert [(fault.rule, fault.row, fault.column) for fault in found] == expected
    assert faults_of(lambda: read_pairs(parquet_of({"seeker": [1], "place": [1]})))[0] == Fault(
        Rule.COLUMN_MISSING, "pairs.parquet", None, "chance"
    )


def test_spelling_does_not_make_a_second_id() -> None:
    """Blanks around an id, capitals in a heading, decimal commas, columns nobody asked for."""
    content = "Seeker;PLACE;chance;note\nä ;p;0,5;x\n ä;q;1;y\n".encode("cp1252")
    pairs = read_pairs(Upload("pairs.csv", content))
    assert (pairs.seekers, pairs.places, pairs.dropped) == (("ä",), ("p", "q"), ("note",))
    assert pairs.chance.tolist() == [0.5, 1.0]
    assert pairs.wish is None
    twice = b"seeker,place,chance\na,p,0.5\n a,p,0.5\n"
    assert faults_of(lambda: read_pairs(Upload("p", twice)))[0].rule is Rule.PAIR_TWICE


def test_ids_that_no_row_uses_are_no_ids() -> None:
    """A column of categories keeps the words of rows that were taken out of it."""
    places = pa.DictionaryArray.from_arrays([1, 1], ["gone", "p"])
    table = {"seeker": [2, 10], "place": places, "chance": [0.5, 1.0]}
    pairs = read_pairs(parquet_of(table))
    assert (pairs.seekers, pairs.places) == (("10", "2"), ("p",))


def test_openings() -> None:
    content = b"place,openings\nq,2\np,0\nr,3.0\n"
    openings = read_openings(Upload("places.csv", content))
    assert openings.places == ("p", "q", "r")
    assert openings.openings.tolist() == [0, 2, 3]


@pytest.mark.parametrize(
    ("bad", "rule"),
    [
        ("-1", Rule.NEGATIVE),
        ("-1.5", Rule.NEGATIVE),
        ("1.5", Rule.NOT_WHOLE),
        ("1.000", Rule.NOT_WHOLE),
        ("many", Rule.NUMBER_UNREADABLE),
        ("nan", Rule.NUMBER_UNREADABLE),
        ("inf", Rule.NUMBER_TOO_LARGE),
        ("", Rule.VALUE_MISSING),
        ("1" * 5000, Rule.NUMBER_TOO_LARGE),
    ],
)
def test_openings_that_are_none(bad: str, rule: Rule) -> None:
    content = f"place;openings\np;1\nq;{bad}\np;2\n".encode()
    found = faults_of(lambda: read_openings(Upload("places.csv", content)))
    assert [(fault.rule, fault.row, fault.column) for fault in found] == [
        (rule, 3, "openings"),
        (Rule.ID_TWICE, 4, "place"),
    ]


def test_pins() -> None:
    content = b"seeker,place,bond\na,p,pin\na,q,BAN\nb,q,\nb,q,ban\n"
    pins = read_pins(Upload("pins.csv", content))
    assert pins.pins == (
        Pin("a", "p"), Pin("a", "q", Bond.BAN), Pin("b", "q"), Pin("b", "q", Bond.BAN)
    )  # fmt: skip
    assert pins.rows == (2, 3, 4, 5)
    assert read_pins(Upload("pins.csv", b"seeker,place\na,p\n")).pins == (Pin("a", "p"),)
    assert read_pins(Upload("pins.csv", b"seeker,place\n")).pins == ()
    found = faults_of(
        lambda: read_pins(Upload("p", b"seeker,place,bond\na,p,pin\na,p,\n,p,ban\nb,p,keep\n"))
    )
    assert [(fault.rule, fault.row, fault.column) for fault in found] == [
        (Rule.PAIR_TWICE, 3, "place"),
        (Rule.VALUE_MISSING, 4, "seeker"),
        (Rule.VALUE_UNKNOWN, 5, "bond"),
    ]


PAIRS = Upload("pairs.csv", b"seeker,place,chance\nb,q,0.5\na,p,0.25\na,q,1\n")
PLACES = Upload("places.csv", b"place,openings\nq,2\nempty,1\np,1\n")


def test_a_problem_of_three_files() -> None:
    pins = Upload("pins.csv", b"seeker,place,bond\na,p,pin\nb,p,ban\n")
    problem = read_problem(PAIRS, PLACES, pins, Target(Fraction(1, 2)))
    assert [seeker.id for seeker in problem.seekers] == ["a", "b"]
    assert [(place.id, place.openings) for place in problem.places] == [
        ("empty", 1), ("p", 1), ("q", 2)
    ]  # fmt: skip
    assert problem.candidates.seeker.tolist() == [0, 0, 1]
    assert problem.candidates.place.tolist() == [1, 2, 2]
    assert problem.candidates.chance.tolist() == [0.25, 1.0, 0.5]
    assert problem.pins == (Pin("a", "p"), Pin("b", "p", Bond.BAN))
    assert problem.need == 1


def test_what_one_file_says_and_another_does_not_know() -> None:
    places = Upload("places.csv", b"place,openings\np,2\nempty,1\n")
    pins = Upload("pins.csv", b"seeker,place\na,p\nb,p\nx,p\na,y\nx,y\na,empty\n")
    assert faults_of(lambda: read_problem(PAIRS, places, pins)) == (
        Fault(Rule.PLACE_UNKNOWN, "pairs.csv", 2, "place", "q"),
        Fault(Rule.PLACE_UNKNOWN, "pairs.csv", 4, "place", "q"),
        Fault(Rule.PAIR_UNKNOWN, "pins.csv", 3, "place", "b - p"),
        Fault(Rule.SEEKER_UNKNOWN, "pins.csv", 4, "seeker", "x"),
        Fault(Rule.PLACE_UNKNOWN, "pins.csv", 5, "place", "y"),
        Fault(Rule.SEEKER_UNKNOWN, "pins.csv", 6, "seeker", "x"),
        Fault(Rule.PLACE_UNKNOWN, "pins.csv", 6, "place", "y"),
        Fault(Rule.PAIR_UNKNOWN, "pins.csv", 7, "place", "a - empty"),
    )


def test_the_faults_of_all_files_come_together() -> None:
    found = faults_of(
        lambda: read_problem(
            Upload("pairs.csv", b"seeker,place,chance\na,p,2\n"),
            Upload("places.csv", b"place,openings\np,-1\n"),
            Upload("pins.csv", b"seeker\na\n"),
        )
    )
    assert [(fault.rule, fault.file) for fault in found] == [
        (Rule.CHANCE_OUT_OF_RANGE, "pairs.csv"),
        (Rule.NEGATIVE, "places.csv"),
        (Rule.COLUMN_MISSING, "pins.csv"),
    ]


def test_what_a_faulty_file_still_names_is_held_against_the_others() -> None:
    """One round of faults: the second row's place is unknown whatever is wrong with its chance."""
    pairs = Upload("pairs.csv", b"seeker,place,chance\na,p,2\nb,w,0.5\n,w,0.5\nc,,0.5\n")
    places = Upload("places.csv", b"place,openings\np,-1\n")
    pins = Upload("pins.csv", b"seeker,place,bond\na,p,maybe\na,v,keep\nb,p,pin\n")
    assert set(faults_of(lambda: read_problem(pairs, places, pins))) == {
        Fault(Rule.CHANCE_OUT_OF_RANGE, "pairs.csv", 2, "chance", "2"),
        Fault(Rule.VALUE_MISSING, "pairs.csv", 4, "seeker"),
        Fault(Rule.VALUE_MISSING, "pairs.csv", 5, "place"),
        Fault(Rule.NEGATIVE, "places.csv", 2, "openings", "-1"),
        Fault(Rule.VALUE_UNKNOWN, "pins.csv", 2, "bond", "maybe"),
        Fault(Rule.VALUE_UNKNOWN, "pins.csv", 3, "bond", "keep"),
        Fault(Rule.PLACE_UNKNOWN, "pairs.csv", 3, "place", "w"),
        Fault(Rule.PLACE_UNKNOWN, "pairs.csv", 4, "place", "w"),
        Fault(Rule.PLACE_UNKNOWN, "pins.csv", 3, "place", "v"),
    }


def test_of_pairs_with_faults_elsewhere_the_pins_are_judged_too() -> None:
    pairs = Upload("pairs.csv", b"seeker,place,chance\na,p,2\nb,q,0.5\n")
    places = Upload("places.csv", b"place,openings\np,1\nq,1\n")
    pins = Upload("pins.csv", b"seeker,place\na,p\na,q\nx,p\n")
    assert faults_of(lambda: read_problem(pairs, places, pins))[1:] == (
        Fault(Rule.PAIR_UNKNOWN, "pins.csv", 3, "place", "a - q"),
        Fault(Rule.SEEKER_UNKNOWN, "pins.csv", 4, "seeker", "x"),
    )


@pytest.mark.parametrize("places", [b"place,openings\np\nq,1\n", b"place,openings\n,1\nq,1\n"])
def test_nobody_is_unknown_while_an_id_could_not_be_read(places: bytes) -> None:
    """The row that can't be read may be the very place that is missed."""
    found = faults_of(lambda: read_problem(PAIRS, Upload("places.csv", places)))
    assert [fault.file for fault in found] == ["places.csv"]


@pytest.mark.parametrize("bad", ["a\rb", "a\nb", "a\tb", "a\x85b", "a\u2028b", "a\x00b", "a\x1bb"])
def test_an_id_with_a_control_character(bad: str) -> None:
    """Our own files are lines of text: such an id would break them, or steer a terminal."""
    shown = ascii(bad)[1:-1]
    for name in ("seeker", "place"):
        columns = {"seeker": ["a"], "place": ["p"], "chance": [0.5]} | {name: [bad]}
        assert faults_of(lambda columns=columns: read_pairs(parquet_of(columns))) == (  # type: ignore[misc]
            Fault(Rule.CONTROL_CHARACTER, "pairs.parquet", 2, name, shown),
        )
    openings = parquet_of({"place": ["p", bad], "openings": [1, 1]})
    assert faults_of(lambda: read_openings(openings)) == (
        Fault(Rule.CONTROL_CHARACTER, "pairs.parquet", 3, "place", shown),
    )


def frame_of(frame: pd.DataFrame) -> Upload:
    file = io.BytesIO()
    frame.to_parquet(file)
    return Upload("pairs.parquet", file.getvalue())


def test_an_index_of_pandas_is_a_column() -> None:
    """A counting index is stored as three numbers only, beside the table; its name is a heading."""
    pairs = pd.DataFrame({"place": ["p", "q"], "chance": [0.5, 1.0]})
    pairs.index = pd.RangeIndex(7, 11, 2, name="seeker")
    assert read_pairs(frame_of(pairs)).seekers == ("7", "9")
    openings = pd.DataFrame({"openings": [1, 2]}, index=pd.RangeIndex(2, name="place"))
    read = read_openings(frame_of(openings))
    assert (read.places, read.openings.tolist()) == (("0", "1"), [1, 2])
    named = pairs.reset_index().set_index("place")
    assert read_pairs(frame_of(named)).places == ("p", "q")
    # An index without a name of its own is nothing that anybody wrote.
    assert read_pairs(frame_of(named.reset_index().iloc[[1]])).dropped == ()


@pytest.mark.parametrize(
    "stored",
    [
        b"{",
        b'{"index_columns": 3}',
        b'{"index_columns": [{"kind": "range", "name": "seeker"}]}',
        b'{"index_columns": [{"kind": "range", "name": "seeker", "start": 0, "stop": 9,'
        b'"step": 1}]}',
    ],
)
def test_an_index_that_does_not_fit_is_none(stored: bytes) -> None:
    """Other tools copy what pandas wrote, and then change the table."""
    table = pa.table({"place": ["p"], "chance": [0.5]}).replace_schema_metadata({"pandas": stored})
    file = io.BytesIO()
    pq.write_table(table, file)
    assert faults_of(lambda: read_pairs(Upload("p", file.getvalue()))) == (
        Fault(Rule.COLUMN_MISSING, "p", None, "seeker"),
    )


def test_a_missing_column_is_told_where_the_headings_are() -> None:
    """Parquet has no line of headings, and a CSV file may begin with blank lines."""
    assert faults_of(lambda: read_openings(parquet_of({"place": ["p"]}))) == (
        Fault(Rule.COLUMN_MISSING, "pairs.parquet", None, "openings"),
    )
    (fault,) = faults_of(lambda: read_openings(Upload("o", b"\n\nplace\np\n")))
    assert (fault.rule, fault.row) == (Rule.COLUMN_MISSING, 3)


@settings(max_examples=40)
@given(rows=ROWS, data=st.data())
def test_the_order_of_rows_never_reaches_the_problem(rows: list[Row], data: st.DataObject) -> None:
    places = sorted({row[1] for row in rows} | {"unused"})
    prints = set()
    for _ in range(2):
        pairs = read_pairs(Upload("p", csv_of(texts(data.draw(st.permutations(rows))))))
        lines = [f"{place},{ord(place[0]) % 4}\n" for place in data.draw(st.permutations(places))]
        openings = read_openings(Upload("o", ("place,openings\n" + "".join(lines)).encode()))
        problem = problem_of(pairs, openings)
        assert np.array_equal(problem.candidates.chance, pairs.chance)
        prints.add(problem.fingerprint())
    assert len(prints) == 1
