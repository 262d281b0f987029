"""Does the intake read what a file says, whatever its encoding, separator or line ends?"""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.intake import reading
from data.intake.cells import date_of, flag_of, number_of, standing_of, texts_of, whole_of
from data.intake.reading import TextTable, Upload, read_table
from matching.errors import Fault, FaultyInput, Rule
from matching.target import Standing

#: Letters of both encodings, and everything that a table's own syntax is made of.
CELLS = st.text(alphabet="aZ09 äöüßÄé€;,\t\"'\n.-", max_size=6)
ROWS = st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=8)


def rule_of(content: bytes) -> tuple[Rule, int | None]:
    with pytest.raises(FaultyInput) as refused:
        read_table(Upload("list.csv", content))
    (fault,) = refused.value.faults
    assert fault.file == "list.csv"
    return fault.rule, fault.row


def as_list(table: TextTable) -> list[tuple[int, tuple[str | None, ...]]]:
    columns = [texts_of(table.frame[name]) for name in table.frame.columns]
    return list(zip(map(int, table.frame.index), zip(*columns, strict=True), strict=True))


@given(
    rows=ROWS,
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "cp1252"]),
    separator=st.sampled_from([";", ",", "\t"]),
    end=st.sampled_from(["\n", "\r\n"]),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
)
def test_what_was_written_is_read(
    rows: list[tuple[str, str, str]], encoding: str, separator: str, end: str, quoting: int
) -> None:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, lineterminator=end, quoting=quoting)  # type: ignore[arg-type]
    writer.writerow(["eins", "zwei", "drei"])
    expected = []
    line = 2
    for row in rows:
        writer.writerow(row)
        cells = tuple(cell.strip() or None for cell in row)
        if any(cells):
            expected.append((line, cells))
        line += 1 + sum(cell.count("\n") for cell in row)
    table = read_table(Upload("list.csv", text.getvalue().encode(encoding)))
    assert as_list(table) == expected
    assert table.faults == ()


@given(rows=ROWS, quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]))
def test_the_fast_way_and_the_careful_way_read_alike(
    rows: list[tuple[str, str, str]], quoting: int
) -> None:
    text = io.StringIO()
    csv.writer(text, delimiter=";", lineterminator="\n", quoting=quoting).writerows(  # type: ignore[arg-type]
        [("eins", "zwei", "drei"), *rows]
    )
    content = text.getvalue().encode()
    upload = Upload("list.csv", content)
    layout = reading.layout_of(upload, content)
    fast = reading._plain_cells(content, layout)
    careful, numbers, faults = reading._odd_cells(upload, content, layout)
    if fast is not None:
        assert fast.to_pylist() == careful.to_pylist()
        assert numbers.tolist() == list(range(2, fast.num_rows + 2))
        assert faults == ()


def test_the_fast_way_is_taken_for_a_plain_file() -> None:
    """Otherwise the law above would hold of nothing."""
    content = b'a;b\n"1";2\n3;4\n'
    layout = reading.layout_of(Upload("list.csv", content), content)
    plain = reading._plain_cells(content, layout)
    assert plain is not None
    assert plain.num_rows == 2


@given(data=st.data(), rows=st.lists(st.integers(1, 6), min_size=1, max_size=12))
def test_every_row_of_odd_length_is_named(data: st.DataObject, rows: list[int]) -> None:
    lines = ["a;b;c"] + [";".join("x" * count) for count in rows]
    for place in sorted(data.draw(st.sets(st.integers(1, len(lines)), max_size=3)), reverse=True):
        lines.insert(place, data.draw(st.sampled_from(["", "  ", ";;", ";;;;"])))
    odd = [
        (number, f"{len(line.split(';'))}/3")
        for number, line in enumerate(lines, start=1)
        if line.strip(" ;") and line.count(";") != 2
    ]
    table = read_table(Upload("list.csv", "\n".join(lines).encode()))
    assert [(fault.row, fault.value) for fault in table.faults] == odd
    assert {fault.rule for fault in table.faults} <= {Rule.COLUMN_COUNT}
    good = [n for n, line in enumerate(lines, 1) if line.strip(" ;") and line.count(";") == 2]
    assert table.frame.index.tolist() == good[1:]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", (Rule.FILE_EMPTY, None)),
        (b" \n\r\n", (Rule.FILE_EMPTY, None)),
        (b";;\n;;\n", (Rule.FILE_EMPTY, None)),
        (b"\xef\xbb\xbf", (Rule.FILE_EMPTY, None)),
        (b"a;b;A\n1;2;3\n", (Rule.COLUMN_TWICE, 1)),
        (b"\n\na;b;a\n1;2;3\n", (Rule.COLUMN_TWICE, 3)),
        ("a;b\n1;2\n".encode("utf-16"), (Rule.FILE_UNREADABLE, None)),
        (b"a;b\n1;\x81\n", (Rule.FILE_UNREADABLE, None)),
        (b'a;b\n1;2\n"1;2\n3;4\n', (Rule.FILE_UNREADABLE, 3)),
        (b"PAR1 and nothing more", (Rule.FILE_UNREADABLE, None)),
    ],
)
def test_a_file_that_is_no_table_says_why(content: bytes, expected: tuple[Rule, int]) -> None:
    assert rule_of(content) == expected


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    for path, rule in (
        (tmp_path / "gone.csv", Rule.FILE_MISSING),
        (tmp_path, Rule.FILE_UNREADABLE),
    ):
        with pytest.raises(FaultyInput) as refused:
            read_table(path)
        assert refused.value.faults == (Fault(rule, str(path)),)


def test_a_heading_alone_is_a_table_without_rows() -> None:
    for content in (b"a;b\n", b"a;b", b"a;b\n\n;\n", b"\n\na;b\n"):
        table = read_table(Upload("list.csv", content))
        assert (list(table.frame.columns), len(table.frame)) == (["a", "b"], 0)


def test_long_tables_are_read_block_by_block(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_BLOCK", 2)
    table = read_table(Upload("list.csv", b"a;b\n\n1;2\n3;4\n5\n6;7\n8;9\n10;11\n"))
    assert as_list(table) == [
        (3, ("1", "2")), (4, ("3", "4")), (6, ("6", "7")), (7, ("8", "9")), (8, ("10", "11"))
    ]  # fmt: skip
    assert [(fault.row, fault.value) for fault in table.faults] == [(5, "1/2")]


def test_columns_without_a_heading_are_left_out() -> None:
    """Spreadsheets write a separator too many at the end of every line."""
    table = read_table(Upload("list.csv", b"a;b;;\n1;2;;\n"))
    assert list(table.frame.columns) == ["a", "b"]


def test_parquet_reads_as_text() -> None:
    file = io.BytesIO()
    columns = {
        "place": pa.array(["a", " b ", None]).dictionary_encode(),
        "openings": pa.array([1, 2, 3]),
        "chance": pa.array([0.1, None, float("nan")]),
        "picture": pa.array([[1], [2], [3]]),
    }
    pq.write_table(pa.table(columns), file)
    table = read_table(Upload("list.parquet", file.getvalue()))
    assert list(table.frame.columns) == ["place", "openings", "chance"]
    assert as_list(table) == [
        (2, ("a", "1", "0.1")),
        (3, ("b", "2", None)),
        (4, (None, "3", "nan")),
    ]


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_written_number_is_read_to_the_last_digit(number: float) -> None:
    assert number_of(repr(number)) == number


def test_numbers_dates_and_words() -> None:
    assert [number_of(text) for text in ("0,5", ".5", "+1", "1e-3")] == [0.5, 0.5, 1.0, 0.001]
    assert all(number_of(text) is None for text in ("", "1_0", "0x1", "1.2.3", "٣", "-", "1 %"))
    assert [whole_of(text) for text in ("3", "3.0", "-2", "1e2")] == [3, 3, -2, 100]
    assert all(whole_of(text) is None for text in ("1.5", "1.000", "1,000", "nan", "inf", "x"))
    days = [date_of(text) for text in ("1.8.2027", "01.08.2027", "2027-08-01", "2027-08-01 00:00")]
    assert len({*days}) == 1 and days[0] is not None
    assert all(date_of(text) is None for text in ("31.02.2027", "01.08.27", "2027-13-01", "bald"))
    assert [flag_of(text) for text in ("Ja", "N", "+", "0", "vielleicht")] == [
        True, False, True, False, None
    ]  # fmt: skip
    assert standing_of("eigener  Vertrag") is standing_of("OWN_FIND") is Standing.OWN_FIND
    assert {standing_of(standing.value) for standing in Standing} == set(Standing)
    assert standing_of("irgendwie") is None
