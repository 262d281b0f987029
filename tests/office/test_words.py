"""Is everything said in both languages, and nothing kept that nobody says?"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from rich.console import Console

from data.reference.postcodes import ATTRIBUTION
from matching.errors import Fault, Rule
from matching.plan import Check, Status
from matching.reasons import NoProposal, StaysEmpty
from matching.rules import Refusal
from matching.target import DEFINITIONS
from office import words
from office.drawing import Drawn
from office.reports.terminal import file_lines, plan_summary
from office.words import (
    check_words,
    day,
    language_of,
    language_of_terminal,
    number,
    percent,
    reason_words,
    rule_words,
    say,
    status_words,
)
from tests.districts import random_problem
from tests.office.terminal import OPENINGS, PAIRS, run, solve, verify, write, write_problem

ROOT = Path(__file__).parents[2]
HOLE = re.compile(r"\{(\w*)")


def sources() -> list[Path]:
    found = [*(ROOT / "office").rglob("*.py"), *(ROOT / "views").rglob("*.py"), ROOT / "app.py"]
    return [path for path in found if path.exists()]


def trees() -> Iterator[ast.AST]:
    for path in sources():
        yield ast.parse(path.read_text(encoding="utf-8"))


def texts() -> set[str]:
    """Every literal text of office and views."""
    return {
        node.value
        for tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def said() -> set[str]:
    """Every literal text that is handed to `say` itself."""
    return {
        node.args[0].value
        for tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", getattr(node.func, "attr", "")) == "say"
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    }


def german() -> dict[str, str]:
    """Every German entry; none comes twice, in one file or in two."""
    entries: list[tuple[str, str]] = []
    for path in sorted((ROOT / "office/words").glob("de*.po")):
        with path.open("rb") as lines:
            catalogue = read_po(lines, locale="de", abort_invalid=True)
        entries += [(str(entry.id), str(entry.string)) for entry in catalogue if entry.id]
    assert len(entries) == len(dict(entries))
    return dict(entries)


def test_no_entry_is_unused_and_none_is_empty() -> None:
    entries = german()
    assert sorted(set(entries) - texts() - {*DEFINITIONS, ATTRIBUTION}) == []
    assert [text for text, translated in entries.items() if not translated.strip()] == []


def test_everything_that_is_said_has_its_german() -> None:
    assert sorted(said() - set(german()) - {""}) == []


def test_one_thing_has_one_name() -> None:
    """The season is the Ausbildungsjahr, the plan in force der gültige Plan, on every page."""
    others = re.compile(r"Saison|Beratungsjahr|\bgeltende[nrs]? Pl[aä]n")
    assert [told for told in german().values() if others.search(told)] == []


def test_facts_stand_in_both_languages() -> None:
    """A hole in one text is a hole in the other; the order may differ."""
    for text, translated in german().items():
        assert sorted(HOLE.findall(text)) == sorted(HOLE.findall(translated)), text


def test_every_fact_of_the_engine_has_words() -> None:
    words.unsaid.clear()
    for language in ("de", "en"):
        for rule in Rule:
            assert rule_words(Fault(rule), language)
        for check in Check:
            assert check_words(check, language)
        for status in Status:
            assert status_words(status, language)
        for reason in (*NoProposal, *StaysEmpty):
            for refusal in (None, *Refusal):
                assert reason_words(reason, language, refusal)
        for definition in DEFINITIONS:
            assert say(definition, language)
    assert words.unsaid == set()


def test_only_a_file_has_cells() -> None:
    """What is left empty in a form is asked for by what it is."""
    for row, file in ((3, None), (None, "a.csv"), (3, "a.csv")):
        fault = Fault(Rule.VALUE_MISSING, file, row, "reason")
        assert rule_words(fault, "de") == "Die Zelle ist leer."
    for column, asked in (
        ("reason", "Bitte geben Sie eine Begründung an."),
        ("title", "Eine Angabe fehlt."),
        (None, "Eine Angabe fehlt."),
    ):
        assert rule_words(Fault(Rule.VALUE_MISSING, column=column), "de") == asked


def test_a_word_that_lacks_is_noted_and_said_in_english() -> None:
    words.unsaid.clear()
    assert say("{n} unheard-of words", "de", n=3) == "3 unheard-of words"
    assert words.unsaid == {("de", "{n} unheard-of words")}
    words.unsaid.clear()


def test_every_command_speaks_german(tmp_path: Path) -> None:
    """All commands, done and refused: nothing is said in English for want of words."""
    words.unsaid.clear()
    small = write(tmp_path / "small", pairs=PAIRS, places=OPENINGS)
    clash = "seeker,place,bond\na,x,pin\nb,x,pin\n"
    write(small, clash=clash, kldb="code;level;title;short_title\n1;1;Land;L\n")
    large = write_problem(tmp_path / "large", random_problem(40, 1, each=5))
    assert solve(small, language="de").code == 0
    assert solve(large, "--serve", "--min-expected", 10, language="de").code == 0
    assert solve(small, "--serve", "--confidence", "0.99", to="w", language="de").code == 0
    assert solve(small, "--pins", small / "clash.csv", to="n", language="de").code == 3
    assert solve(small, "--base", 1, to="n", language="de").code == 0
    assert solve(small, "--placed", 9, to="n", language="de").code == 2
    assert solve(small, "--share", 2, to="n", language="de").code == 2
    assert solve(small, "--min-expected", 2, to="n", language="de").code == 2
    words_both = ("--serve", "--min-expected", 2, "--confidence", 0.5)
    assert solve(small, *words_both, to="n", language="de").code == 2
    assert solve(small, to="pairs.csv/below", language="de").code == 2
    assert verify(small, "--prices", small / "out", language="de").code == 0
    (small / "places.csv").write_text("place,openings\nx,1\ny,0\n")
    answer = verify(small, "--prices", small / "out", language="de")
    assert answer.code == 1 and "Verstöße: " in answer.err and "richtig wäre" in answer.err
    answer = verify(small, "--prices", small / "none", language="de")
    assert answer.code == 2 and "Diese Datei gibt es nicht." in answer.err
    assert run("reference", "import", small / "pairs.csv", language="de").code == 2
    assert words.unsaid == set()


def test_a_missed_target_is_told_in_german(
    scarce: Drawn, capsys: pytest.CaptureFixture[str]
) -> None:
    """The scarce district, whose summary has most to say."""
    words.unsaid.clear()
    Console(width=120).print(plan_summary(scarce, "de"))
    Console().print(file_lines(Path("out"), "de"))
    shown = capsys.readouterr().out
    for part in (
        "Das Ziel ist nicht gesichert",
        "Was dem Ziel entgegensteht",
        "Ein Platz mehr für",
    ):
        assert part in shown
    assert words.unsaid == set()


def test_importing_occupations_speaks_german(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UEBERGANG_DATA", str(tmp_path / "kept"))
    write(tmp_path, kldb="code;level;title;short_title\n11101;5;Landwirtschaft;L\n")
    answer = run("reference", "import", tmp_path / "kldb.csv", language="de")
    assert (answer.code, answer.out.strip()) == (0, "1 Berufe übernommen.")


@pytest.mark.parametrize(
    ("name", "language"),
    [("de_DE.UTF-8", "de"), ("DE", "de"), ("de-AT", "de"), ("en_GB", "en"), ("fr_FR", None),
     ("C", None), ("", None), (None, None), ("C.UTF-8", None), ("de.UTF-8", "de")],
)  # fmt: skip
def test_the_language_of_a_locale(name: str | None, language: str | None) -> None:
    assert language_of(name) == language


def test_the_language_of_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Our own variable goes before the system's; what is no language of ours is passed over."""
    for variable in ("UEBERGANG_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(variable, raising=False)
    assert language_of_terminal() == "en"
    monkeypatch.setenv("LANG", "de_DE.UTF-8")
    assert language_of_terminal() == "de"
    monkeypatch.setenv("LC_ALL", "C")
    assert language_of_terminal() == "de"
    monkeypatch.setenv("UEBERGANG_LANG", "en")
    assert language_of_terminal() == "en"


def test_numbers_and_days() -> None:
    assert (number(1234.5, "en", 1), number(1234.5, "de", 1)) == ("1,234.5", "1.234,5")
    assert (percent(1 / 3, "en"), percent(1 / 3, "de")) == ("33.3%", "33,3\N{NO-BREAK SPACE}%")
    when = date(2027, 8, 1)
    assert (day(when, "en"), day(when, "de")) == ("1 August 2027", "1. August 2027")


@pytest.mark.parametrize(
    ("share", "shown"),
    [
        (0.0, "0.0%"),
        (1e-9, "< 0.1%"),
        (0.00049, "< 0.1%"),
        (0.0006, "0.1%"),
        (0.9996, "> 99.9%"),
        (0.9994, "99.9%"),
        (1.0, "100.0%"),
    ],
)
def test_almost_certain_is_never_certain(share: float, shown: str) -> None:
    assert percent(share, "en") == shown
