"""Are targets, plans and prices read as they were written?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.intake.plan_file import PLACE_PRICES, SEEKER_PRICES, read_plan, read_prices
from data.intake.reading import Upload
from data.intake.target_file import parse_share, read_target
from matching.errors import Fault, FaultyInput, Rule
from matching.target import Target


def target_of(text: str) -> Target:
    return read_target(Upload("target.toml", text.encode()))


def faults_of(read: Callable[[], object]) -> tuple[Fault, ...]:
    with pytest.raises(FaultyInput) as refused:
        read()
    return refused.value.faults


@given(st.fractions(0, 1, max_denominator=10**6).filter(bool))
def test_a_share_is_read_exactly(share: Fraction) -> None:
    ratio = f"{share.numerator}/{share.denominator}"
    assert parse_share(ratio) == share
    assert target_of(f'share = "{ratio}"').share == share


@given(st.integers(1, 9999))
def test_a_decimal_share_is_what_is_written(digits: int) -> None:
    """0.33 is 33/100, not the nearest binary number."""
    written, share = f"0.{digits:04d}", Fraction(digits, 10_000)
    assert parse_share(written) == parse_share(written.replace(".", ",")) == share
    assert target_of(f"share = {written}").share == share
    assert target_of(f'share = "{written}"').share == share


@given(st.integers(1, 10_000))
def test_a_percentage_is_a_share(hundredths: int) -> None:
    """33 % is 33/100, written with or without a blank, a point or a comma."""
    written, share = f"{hundredths / 100:.2f}", Fraction(hundredths, 10_000)
    for text in (f"{written}%", f"{written} %", f"{written}%".replace(".", ",")):
        assert parse_share(text) == share
    assert target_of(f'share = "{written} %"').share == share


def test_a_share_is_quoted_as_it_was_written() -> None:
    """3/2 is not what anybody typed who typed 1.5."""
    assert faults_of(lambda: parse_share("1.5"))[0].value == "1.5"
    assert faults_of(lambda: target_of("share = 1.50"))[0].value == "1.50"
    assert faults_of(lambda: target_of('share = "150%"'))[0].value == "150%"


def test_more_placed_than_the_base_holds() -> None:
    (fault,) = faults_of(lambda: target_of("base = 3\nplaced = 4\n"))
    assert (fault.rule, fault.row, fault.value) == (Rule.PLACED_ABOVE_BASE, 2, "4 > 3")
    assert target_of("base = 3\nplaced = 3\n").placed == 3


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("0", Rule.SHARE_OUT_OF_RANGE),
        ("101%", Rule.SHARE_OUT_OF_RANGE),
        ("%", Rule.NUMBER_UNREADABLE),
        ("1/3%", Rule.NUMBER_UNREADABLE),
        ("-1/3", Rule.SHARE_OUT_OF_RANGE),
        ("4/3", Rule.SHARE_OUT_OF_RANGE),
        ("1.01", Rule.SHARE_OUT_OF_RANGE),
        ("1/0", Rule.NUMBER_UNREADABLE),
        ("a third", Rule.NUMBER_UNREADABLE),
        ("nan", Rule.NUMBER_UNREADABLE),
        ("", Rule.NUMBER_UNREADABLE),
        ("1_0/30", Rule.NUMBER_UNREADABLE),
    ],
)
def test_a_share_that_is_none(text: str, rule: Rule) -> None:
    (fault,) = faults_of(lambda: parse_share(text))
    assert (fault.rule, fault.column) == (rule, "share")


def test_a_whole_target() -> None:
    written = """\ufeff# what the district decided
share = "1/4"
definition = "entered"
base = 1600
placed = 20
cut_off = 2027-09-30
confidence = 0.8
"""
    assert target_of(written) == Target(Fraction(1, 4), "entered", 1600, 20, date(2027, 9, 30), 0.8)
    assert target_of("# nothing decided yet\n") == Target()
    assert target_of('cut_off = "30.09.2027"') == target_of("cut_off = 2027-09-30T00:00:00")


def test_every_fault_of_a_target_with_its_line() -> None:
    written = """share = "4/3"
definition = "guess"
base = -1
placed = 1.5
cut_off = "soon"
confidence = "high"
colour = "blue"
"""
    assert [(f.rule, f.row, f.column) for f in faults_of(lambda: target_of(written))] == [
        (Rule.NOT_WHOLE, 4, "placed"),
        (Rule.DATE_UNREADABLE, 5, "cut_off"),
        (Rule.NUMBER_UNREADABLE, 6, "confidence"),
        (Rule.KEY_UNKNOWN, 7, "colour"),
        (Rule.SHARE_OUT_OF_RANGE, 1, "share"),
        (Rule.VALUE_UNKNOWN, 2, "definition"),
        (Rule.NEGATIVE, 3, "base"),
    ]


@pytest.mark.parametrize(
    ("written", "rule"),
    [
        ("share = true", Rule.NUMBER_UNREADABLE),
        ("share = nan", Rule.SHARE_OUT_OF_RANGE),
        ("share = 1e999999999", Rule.SHARE_OUT_OF_RANGE),
        ("share = [1, 3]", Rule.NUMBER_UNREADABLE),
        ("definition = 1", Rule.VALUE_UNKNOWN),
        ("base = true", Rule.NUMBER_UNREADABLE),
        ('base = "many"', Rule.NUMBER_UNREADABLE),
        ("cut_off = 2027", Rule.DATE_UNREADABLE),
        ("confidence = nan", Rule.CONFIDENCE_OUT_OF_RANGE),
        ("confidence = 0", Rule.CONFIDENCE_OUT_OF_RANGE),
        ("[target]\nshare = 0.5", Rule.KEY_UNKNOWN),
    ],
)
def test_values_of_the_wrong_kind(written: str, rule: Rule) -> None:
    (fault,) = faults_of(lambda: target_of(written))
    assert (fault.rule, fault.row, fault.file) == (rule, 1, "target.toml")


def test_files_that_are_no_target(tmp_path: Path) -> None:
    unreadable = faults_of(lambda: target_of("share = 1\nbase = = 2\n"))
    assert unreadable == (Fault(Rule.FILE_UNREADABLE, "target.toml", 2),)
    assert faults_of(lambda: target_of(""))[0].rule is Rule.FILE_EMPTY
    assert faults_of(lambda: read_target(tmp_path / "no.toml"))[0].rule is Rule.FILE_MISSING
    latin = Upload("target.toml", "# für alle".encode("cp1252"))
    assert faults_of(lambda: read_target(latin))[0].rule is Rule.FILE_UNREADABLE


NUMBERS = st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=10)


@given(NUMBERS)
def test_a_written_plan_is_read_to_the_last_digit(chances: list[float]) -> None:
    """A chance that differs in the last digit would pass for one that was tampered with."""
    lines = [f"s{number},p{number},{chance!r}\n" for number, chance in enumerate(chances)]
    plan = read_plan(Upload("plan.csv", ("seeker,place,chance\n" + "".join(lines)).encode()))
    assert plan.seeker == tuple(f"s{number}" for number in range(len(chances)))
    assert plan.place == tuple(f"p{number}" for number in range(len(chances)))
    assert plan.chance.tolist() == chances
    assert plan.row.tolist() == list(range(2, len(chances) + 2))
    assert len(plan) == len(chances)


def test_a_plan_may_claim_what_it_likes_if_it_can_be_read() -> None:
    """Somebody placed twice, a chance of 7: the verification names them, not the intake."""
    plan = read_plan(Upload("plan.csv", b"place,seeker,chance\np,a,7\np,a,nan\n\nq,a,0.5\n"))
    assert plan.seeker == ("a", "a", "a")
    assert plan.row.tolist() == [2, 3, 5]
    found = faults_of(lambda: read_plan(Upload("plan.csv", b"seeker,place,chance\n,p,x\na,q,\n")))
    assert [(fault.rule, fault.row, fault.column) for fault in found] == [
        (Rule.VALUE_MISSING, 2, "seeker"),
        (Rule.NUMBER_UNREADABLE, 2, "chance"),
        (Rule.VALUE_MISSING, 3, "chance"),
    ]


def test_prices(tmp_path: Path) -> None:
    (tmp_path / SEEKER_PRICES).write_text("seeker,price\na,0.5\nb,0\n")
    (tmp_path / PLACE_PRICES).write_text("place,price\nq,0.1\np,-0.25\n")
    prices = read_prices(tmp_path)
    assert (prices.seekers.id, prices.seekers.price.tolist()) == (("a", "b"), [0.5, 0.0])
    assert (prices.places.id, prices.places.price.tolist()) == (("q", "p"), [0.1, -0.25])
    assert prices.places.row.tolist() == [2, 3]


def test_the_faults_of_both_price_files_come_together(tmp_path: Path) -> None:
    (tmp_path / SEEKER_PRICES).write_text("seeker,price\na,0.5\na,nan\n,inf\n")
    found = faults_of(lambda: read_prices(tmp_path))
    assert [(fault.rule, fault.row, fault.column) for fault in found] == [
        (Rule.ID_TWICE, 3, "seeker"),
        (Rule.NUMBER_UNREADABLE, 3, "price"),
        (Rule.VALUE_MISSING, 4, "seeker"),
        (Rule.NUMBER_UNREADABLE, 4, "price"),
        (Rule.FILE_MISSING, None, None),
    ]
