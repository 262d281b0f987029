"""Does a short TOML file say what it says, and a hostile one nothing, at once?"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from data.intake.columns import read_mapping
from data.intake.reading import Upload
from data.intake.target_file import read_target
from data.intake.toml_file import LONGEST, MOST_DOTS, shown, tables_of, text_of
from data.store.retention import read_terms
from matching.errors import FaultyInput, Rule

#: Texts and remarks of every kind, with dots, and with all that may open or close one.
QUOTED = ['"a.b.c.d.e"', "'a.b.c.d.e'", '"""a.b.c.d\n."""', "'''a.b.c.d\n.'''", '"""a"""""',
          '"\\"a.b.c.d"', "# a.b.c.d.e\n", '"#a.b.c.d"', "'\"a.b.c.d'", '"""\\"""a.b.c.d."""',
          "1.5", "2027-08-01T07:30:00.5Z", "'''a'''''", '""', "''"]  # fmt: skip


@pytest.fixture(params=["mapping", "target", "terms"])
def reader(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], object]:
    """Each of the three that read such a file."""

    def read(text: str) -> object:
        if request.param == "mapping":
            return read_mapping(Upload("m.toml", text.encode()), {"surname"})
        if request.param == "target":
            return read_target(Upload("t.toml", text.encode()))
        file = tmp_path / "terms.toml"
        file.write_text(text, encoding="utf-8")
        return read_terms(file)

    return read


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("a." * 15_000 + "b=1\n", Rule.FILE_UNREADABLE),
        ('"a".' * 12_000 + "b=1\n", Rule.FILE_UNREADABLE),
        ("[" + "a." * 15_000 + "b]\n", Rule.FILE_UNREADABLE),
        ("x = [ " + '"""a"""", {' + "a." * 15_000 + "b=1}]\n", Rule.FILE_UNREADABLE),
        ("x = [ '''a'''', {" + "a." * 15_000 + "b=1}]\n", Rule.FILE_UNREADABLE),
        ("x = " + "[" * 30_000, Rule.FILE_UNREADABLE),
        ("x = " + "{a=" * 20_000, Rule.FILE_UNREADABLE),
        ("x = " + "9" * 5_000, Rule.FILE_UNREADABLE),
        ("# " + "a" * LONGEST, Rule.FILE_TOO_LARGE),
        ('x = """' + '\n\\"""' * 13_000, Rule.FILE_UNREADABLE),
        ('x = "' + '\\"' * 30_000, Rule.FILE_UNREADABLE),
    ],
)  # fmt: skip
def test_a_hostile_file_is_refused_unread(
    reader: Callable[[str], object], text: str, rule: Rule
) -> None:
    """80 KB of dots took half a minute and six gigabytes; a few kilobytes broke what shows them."""
    with pytest.raises(FaultyInput) as refused:
        reader(text)
    assert [fault.rule for fault in refused.value.faults] == [rule]


@pytest.mark.parametrize("value", ["[" * 400 + "]" * 400, "{a=" * 300 + "1" + "}" * 300])
@pytest.mark.parametrize("key", ["surname", "share", "base", "confidence", "people"])
def test_a_value_that_is_no_text_is_not_repeated(
    reader: Callable[[str], object], key: str, value: str
) -> None:
    with pytest.raises(FaultyInput) as refused:
        reader(f"{key} = {value}\n")
    assert all(fault.value is None for fault in refused.value.faults)


@pytest.mark.parametrize("key", ["share", "base", "placed", "confidence"])
def test_a_number_too_long_to_be_written_out_is_a_fault(key: str) -> None:
    with pytest.raises(FaultyInput) as refused:
        read_target(Upload("t.toml", f"{key} = 0x{'f' * 20_000}\n".encode()))
    assert refused.value.faults[0].value is None
    assert shown(10**50) is None and shown([1]) is None and shown(True) == "True"


@given(st.lists(st.sampled_from(QUOTED), max_size=6))
def test_dots_in_texts_and_remarks_count_for_nothing(parts: list[str]) -> None:
    """Whatever Python's own reader takes as texts, one after the other, is taken here too."""
    text = "x = [" + "\n,".join(part for part in parts if part[0] != "#") + "]\n"
    text += "".join(part for part in parts if part[0] == "#")
    assert tables_of(Upload("m.toml", b""), text) == tomllib.loads(text)


@given(
    st.lists(st.sampled_from([part + mark for part in QUOTED for mark in (",", "")]), max_size=4)
)
def test_no_text_hides_a_key_of_many_parts(parts: list[str]) -> None:
    """Where Python's own reader would come to such a key, it is seen before."""
    text = "x = [" + "".join(parts) + ",{" + "a." * (MOST_DOTS + 1) + "b = 1}]\n"
    try:
        came_to_it = "b" in keys_of(tomllib.loads(text))
    except ValueError:
        came_to_it = False
    assume(came_to_it)
    with pytest.raises(FaultyInput):
        tables_of(Upload("m.toml", b""), text)


def keys_of(value: object) -> set[str]:
    """Every key in what a document says."""
    if isinstance(value, list):
        return {key for one in value for key in keys_of(one)}
    if isinstance(value, dict):
        return set(value) | keys_of(list(value.values()))
    return set()


def test_a_line_is_named_where_it_is_known() -> None:
    source = Upload("m.toml", b'x = """\n\n"""\na.a.a.a = 1\n')
    with pytest.raises(FaultyInput) as refused:
        tables_of(source, text_of(source))
    assert refused.value.faults[0].row == 4
