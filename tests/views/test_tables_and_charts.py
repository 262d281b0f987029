"""Are tables safe and charts right? What a file says is never markup; a chart adds nothing."""

from __future__ import annotations

from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from office.glance import Step
from office.words import number
from views.charts import class_of, classes_of, trade_off
from views.parts import plain, plain_label
from views.tables import Column, begun, table_html


class _Cells(HTMLParser):
    """What a browser would read: the tags, and the text of each cell."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.cells: list[str] = []
        self.inside = False

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.add(tag)
        if tag in {"th", "td"}:
            self.inside = True
            self.cells.append("")

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag not in {"th", "td"}

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.cells[-1] += data


@given(st.lists(st.text(st.characters(exclude_characters="\r\x00")), min_size=2, max_size=2))
def test_a_cell_shows_what_was_typed_and_nothing_else(typed: list[str]) -> None:
    read = _Cells()
    read.feed(table_html([Column("A"), Column("B")], [typed], "about", "en"))
    read.close()
    assert read.cells == ["A", "B", *typed]
    assert read.tags == {"div", "table", "caption", "thead", "tbody", "tr", "th", "td"}


def test_figures_stand_to_the_right_and_absence_is_a_dash() -> None:
    columns = [Column("name"), Column("count", lambda value: number(value, "de"))]
    html = table_html(columns, [("a", 1648), (None, None)], "about", "de")
    assert '<td class="figure">1.648</td>' in html
    assert html.count("\N{EN DASH}") == 2
    assert '<th scope="col">Name</th>' in html and '<th scope="row">a</th>' in html


def test_a_table_can_be_scrolled_by_keyboard_and_has_a_name() -> None:
    html = table_html([Column("a")], [], 'people "here"', "en")
    assert 'tabindex="0"' in html and 'role="region"' in html
    assert 'aria-label="people &quot;here&quot;"' in html


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("1. August", "1\\. August"),
        ("- x", "\\- x"),
        ("*a* :red[b] $c$", "\\*a\\* \\:red\\[b\\] \\$c\\$"),
        ("Werther (Westf.)", "Werther (Westf.)"),
    ],
)
def test_plain_text_is_not_read_as_markup(typed: str, shown: str) -> None:
    assert plain(typed) == shown


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("Geburtsdatum (zum Beispiel: 31.12.2010)", "Geburtsdatum (zum Beispiel: 31.12.2010)"),
        ("Geb_Datum", "Geb_Datum"),
        ("1. Wunsch", "\N{WORD JOINER}1. Wunsch"),
        ("*a* :red[b] $c$", "\\*a\\* \\:red\\[b\\] \\$c\\$"),
    ],
)
def test_a_label_has_no_backslash_that_it_does_not_need(typed: str, shown: str) -> None:
    """A label is the field's accessible name: a backslash in it is read out."""
    assert plain_label(typed) == shown


@given(st.text("ab1 *_`~<>[]()!#|&;:$\\+-=.\"'\n", max_size=30))
@example("1. a").via("a list")
@example("1234) a").via("a list")
@example("a__b__ _c_").via("emphasis")
@example("a &lt; b&amp;").via("entities")
@example("a\n---").via("a heading")
def test_no_label_is_markup(typed: str) -> None:
    """The law, as CommonMark with tables and crossing out reads it: one line of text, as typed."""
    reading = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    tokens = reading.parse(plain_label(typed))
    words = " ".join(typed.split())
    assert [one.type for one in tokens if one.level == 0 and one.nesting >= 0] == (
        ["paragraph_open"] if words else []
    )
    inner = [part for one in tokens for part in one.children or ()]
    assert {part.type for part in inner} <= {"text", "text_special"}
    assert "".join(part.content for part in inner).lstrip("\N{WORD JOINER}") == words


def test_a_beginning_is_a_capital_even_behind_stars() -> None:
    assert begun("**proven.** x") == "**Proven.** x"
    assert begun("") == ""


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_every_rate_lies_in_one_class_of_the_map(rates: list[float]) -> None:
    classes = classes_of(rates)
    assert len(classes) <= 4
    assert all(one[1] == other[0] for one, other in pairwise(classes))
    for rate in rates:
        low, high = classes[class_of(rate, classes)]
        assert low - 1e-6 <= 100 * rate < high + 1e-6


def test_the_chosen_plan_is_marked_once() -> None:
    steps = (Step(9, 1, 0.99), Step(8, 2, 0.95), Step(7, 3, 0.8))
    rows = trade_off(steps, steps[1], "en").to_dict()["data"]["values"]
    assert [row["kind"] for row in rows] == ["Other plan", "Chosen plan", "Other plan"]
