"""Does the first page say what a plan holds? In both languages, for every district and for none."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from data.sample import district_folder
from matching.errors import BrokenPromise
from office import words
from office.desk import Desk
from office.glance import Glance, glance
from office.words import LANGUAGES, Language
from views import parts
from views.planner.proof import check_commands

APP = Path(__file__).parents[2] / "app.py"


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    """No district from the developer's own settings."""
    monkeypatch.delenv("UEBERGANG_DISTRICT", raising=False)


@pytest.fixture(scope="module")
def drawn() -> dict[str, Glance]:
    return {
        "district": glance(Desk().draw_sample("district")),
        "scarce": glance(Desk().draw_sample("scarce")),
    }


def _page(language: str | None = None, locale: str | None = None) -> AppTest:
    page = AppTest.from_file(APP, default_timeout=60)
    if language is not None:
        page.query_params["lang"] = language
    if locale is not None:
        page.context = {"locale": locale}
    page.run()
    assert not page.exception
    return page


def _text(page: AppTest) -> str:
    """Everything that the page says, tables without their tags."""
    said = [
        str(getattr(element, "value", ""))
        for kind in ("title", "header", "markdown", "caption", "info", "success", "warning")
        for element in page.get(kind)
    ]
    said += [element.value for element in page.error]
    said += [re.sub(r"<style>.*?</style>|<[^>]+>", " ", html) for html in _tables(page)]
    return "\n".join(said)


def _tables(page: AppTest) -> list[str]:
    return [str(getattr(element.proto, "body", "")) for element in page.get("html")]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["district", "scarce"])
def test_the_page_shows_the_figures_of_the_recount(
    language: Language, name: str, drawn: dict[str, Glance]
) -> None:
    plan = drawn[name]
    page = _page(language)
    page.selectbox(key="district").set_value(name).run()
    assert not page.exception
    shown = [metric.value for metric in page.metric]
    assert shown == [
        f"{words.number(plan.placed, language)} + {words.number(plan.expected, language)}",
        words.number(plan.wanted, language),
        words.percent(plan.honest, language),
        words.percent(plan.chance, language),
    ]
    text = _text(page)
    for rate in plan.rates:
        assert words.percent(rate.rate, language) in text
    for area in plan.areas:
        assert area.name is None or area.name in text
    assert plan.proof.fingerprint in text
    assert plan.without[0].seeker in text
    assert len(page.get("vega_lite_chart")) == (2 if plan.most_wishes is None else 3)


def test_every_word_of_the_page_is_there_in_german() -> None:
    words.unsaid.clear()
    page = _page("de")
    page.selectbox(key="district").set_value("scarce").run()
    assert words.unsaid == set()


def test_the_sample_is_always_labelled_as_invented() -> None:
    assert "Erfundenes Beispiel" in _page("de").info[0].value
    assert "Invented sample" in _page("en").info[0].value


def test_the_answer_turns_with_the_chance_of_the_target() -> None:
    page = _page("en")
    assert page.success[0].value.startswith("**Yes")
    page.selectbox(key="district").set_value("scarce").run()
    assert page.warning[0].value.startswith("**Probably, but not surely enough")


@pytest.mark.parametrize(
    ("asked", "locale", "title"),
    [
        (None, None, "Der Plan von heute und das Ziel"),
        (None, "en-GB", "Today\u2019s plan and the target"),
        (None, "fr-FR", "Der Plan von heute und das Ziel"),
        ("de", "en-GB", "Der Plan von heute und das Ziel"),
        ("tlh", None, "Der Plan von heute und das Ziel"),
    ],
)
def test_the_language_is_the_one_asked_for_else_the_browsers_else_german(
    asked: str | None, locale: str | None, title: str
) -> None:
    assert _page(asked, locale).title[0].value == title


def test_the_switch_changes_the_language_and_the_address() -> None:
    page = _page("de")
    page.radio(key="language").set_value("en").run()
    assert page.title[0].value == "Today\u2019s plan and the target"
    assert page.query_params["lang"] in ("en", ["en"])


def _copy_of_the_sample(folder: Path) -> Path:
    shutil.copytree(district_folder("scarce"), folder)
    for file in sorted((folder / "schools").glob("*.csv"))[2:]:
        file.unlink()
    return folder


def test_an_offices_own_folder_is_shown_and_drawn_again_once_it_changes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = _copy_of_the_sample(tmp_path / "kreis")
    monkeypatch.setenv("UEBERGANG_DISTRICT", str(folder))
    page = _page("de")
    assert not [box for box in page.selectbox if box.key == "district"]
    before = [metric.value for metric in page.metric]
    (folder / "target.toml").write_text('share = "1/2"\ncut_off = 2027-09-30\n', encoding="utf-8")
    page.run()
    assert not page.exception
    assert [metric.value for metric in page.metric] != before
    assert page.metric[1].label == "Ziel (1 von 2)"


@pytest.mark.parametrize("language", LANGUAGES)
def test_faults_are_said_in_words_with_file_row_and_column(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, language: Language
) -> None:
    folder = _copy_of_the_sample(tmp_path / "kreis")
    places = folder / "places.csv"
    lines = places.read_text(encoding="utf-8").splitlines()
    openings = lines[0].split(";").index("openings")
    cells = lines[4].split(";")
    cells[openings] = "<b>-3</b>"
    lines[4] = ";".join(cells)
    places.write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "target.toml").write_text('share = "7/3"\n', encoding="utf-8")
    monkeypatch.setenv("UEBERGANG_DISTRICT", str(folder))
    page = _page(language)
    said = {"de": "Die Dateien haben Fehler", "en": "the files have faults"}[language]
    assert said in page.error[0].value
    assert not page.metric
    assert not page.status, "what was going on is over"
    table = _tables(page)[0]
    assert "places.csv" in table and ">5<" in table and "openings" in table
    assert "&lt;b&gt;-3&lt;/b&gt;" in table, "what stands in a file is never markup"
    assert "target.toml" in table and "7/3" in table


def test_an_empty_folder_says_what_belongs_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("UEBERGANG_DISTRICT", str(tmp_path))
    page = _page("de")
    assert page.error
    assert "`schools/*.csv`" in _text(page)


@pytest.mark.parametrize(
    ("refusal", "said"),
    [
        (BrokenPromise("flow", ("wrong",)), "hielt aber der Nachzählung nicht stand"),
        (PermissionError(13, "Permission denied", "places.csv"), "nicht gelesen werden"),
    ],
)
def test_what_the_program_refuses_is_worded_too(
    monkeypatch: pytest.MonkeyPatch, refusal: Exception, said: str
) -> None:
    def refuse(*_: object) -> None:
        raise refusal

    st.cache_resource.clear()
    monkeypatch.setattr(Desk, "draw_sample", refuse)
    page = _page("de")
    assert said in page.error[0].value
    assert not page.metric


def test_the_commands_to_check_name_the_district_that_is_shown(tmp_path: Path) -> None:
    write, recount = check_commands("scarce")
    assert write == "uebergang demo --district scarce --out out/demo"
    assert recount.endswith("--plan out/demo/plan.csv --prices out/demo")
    folder = tmp_path / "our district"
    folder.mkdir()
    write, _ = check_commands(folder)
    assert f"--places '{folder}'/places.csv" in write
    assert "--target" not in write
    (folder / "target.toml").touch()
    assert f"--target '{folder}'/target.toml" in check_commands(folder)[0]


def _shows(monkeypatch: pytest.MonkeyPatch, plan: Glance) -> str:
    """What the page says, in English, of a plan made up for the test."""
    monkeypatch.setattr(parts, "todays_plan", lambda source: plan)
    return _text(_page("en"))


def test_a_plan_out_of_reach_is_called_so_and_says_why(
    monkeypatch: pytest.MonkeyPatch, drawn: dict[str, Glance]
) -> None:
    plan = drawn["scarce"]
    assert plan.shortfall is not None
    short = replace(plan.shortfall, wanted=None, alone=plan.shortfall.need - 1.0)
    text = _shows(monkeypatch, replace(plan, shortfall=short, wanted=1200, honest=0.0))
    assert "**Not with this plan.**" in text
    assert "**A chance of 90% is out of reach**" in text
    assert "**Chances too low.**" in text
    assert "**Competition.**" not in text


def test_a_plan_that_leaves_nobody_and_nothing_out_says_so(
    monkeypatch: pytest.MonkeyPatch, drawn: dict[str, Glance]
) -> None:
    plan = replace(drawn["district"], without=(), empty=(), helpful=(), dropped=())
    text = _shows(monkeypatch, plan)
    assert "Everybody who looks has a proposal." in text
    assert "Every opening has a proposal." in text
    assert "One opening more would help" not in text


def test_real_people_are_not_called_invented(
    monkeypatch: pytest.MonkeyPatch, drawn: dict[str, Glance]
) -> None:
    plan = replace(drawn["district"], invented=False, cut_off=None)
    text = _shows(monkeypatch, plan)
    assert "Invented" not in text
    assert "has started by" not in text


def test_a_district_of_nobody_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, drawn: dict[str, Glance]
) -> None:
    text = _shows(monkeypatch, replace(drawn["district"], base=0))
    assert "hand in school lists" in text
    assert "Proof" not in text
