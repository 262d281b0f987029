"""Does the measuring of the front end itself work? On an empty store; nothing looks at a clock."""

from __future__ import annotations

import socket
from datetime import UTC, datetime
from functools import partial

import pytest
from streamlit import config

from benchmarks import front
from benchmarks.front_pages import Figure, Measured
from benchmarks.front_people import Day, Sight, Step, Work, at_once, crowd, share_within
from benchmarks.front_store import MARK, PASSWORD, Lists, Reader, Whose, mark_of, readers
from data.store.accounts import Grant, add_account, set_password
from data.store.opening import open_store
from office.access import Role
from office.commands.serve import OPTIONS
from office.passwords import hash_of

SCHOOL = Reader("schule1", Role.SCHOOL, "999001")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def list_of(names: dict[str, str]) -> bytes:
    """A list of two pupils of the school, by their marks."""
    rows = [
        f"999001;{number};{name} {mark};Kim;0{number}.03.2010;33330"
        for number, (name, mark) in enumerate(names.items(), 1)
    ]
    heading = "Schul-Nummer;Interne ID-Nummer;Nachname;Vorname;Geburtsdatum;Postleitzahl"
    return "\n".join([heading, *rows]).encode()


def hand_in(names: dict[str, str], work: Work) -> None:
    """In, a list, and the roll."""
    visitor = work.visitor
    work.enter()
    upload = partial(visitor.upload, visitor.first("upload_"), "liste.csv", list_of(names))
    work.do("look at a list", upload)
    work.do("confirm a list", lambda: visitor.press("confirm"))
    work.open("schueler")
    work.do("nothing of the kind", lambda: visitor.press("no such key"))


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Day:
    """A school hands two pupils in, of whom one is not theirs as far as the day knows."""
    store = str(tmp_path_factory.mktemp("front") / "store.db")
    opened = open_store(store)
    now = datetime.now(UTC)
    add_account(opened, SCHOOL.name, (Grant("school", "999001"),), "test", now)
    set_password(opened, SCHOOL.name, hash_of(PASSWORD), SCHOOL.name, now, one_time=False)
    opened.close()
    names = {"Tester": mark_of(1), "Fremd": mark_of(2)}
    script = partial(hand_in, names)
    found = at_once(store, free_port(), (0.0, 0.0), 0.0, [(SCHOOL, script)])
    found.known["aaab"] = Whose("999001", None, "one")
    found.known["aaac"] = Whose("999002", None, "two")
    return found


def test_a_visitor_signs_in_hands_in_a_list_and_reads_the_roll(day: Day) -> None:
    """By the gate and the websocket, as a browser would: names come back only once it is in."""
    done = [step.kind for step in day.steps if not step.fault]
    assert done == [
        "sign in",
        "load the first page",
        "look at a list",
        "confirm a list",
        "open a page",
    ]
    assert {sight.mark for sight in day.sights if sight.kind == "open a page"} == {"aaab", "aaac"}


def test_a_name_that_is_not_theirs_is_found(day: Day) -> None:
    """A check for leaks that finds none must be able to find one."""
    leaks = day.leaks()
    assert leaks and all("read aaac" in leak for leak in leaks)


def test_what_is_not_on_the_page_is_an_error_and_the_day_goes_on(day: Day) -> None:
    (error,) = day.errors
    assert error.startswith("schule1, nothing of the kind: Broken: schule1 finds no 'no such key'")


def test_a_case_that_was_taken_over_is_its_counselors_alone() -> None:
    """Before it was taken, everybody may have read the name."""
    day = Day({"aaaa": Whose("999001", None, "one")}, taken={"one": ("beratung1", 10.0)})
    mine, other = (Reader(f"beratung{n}", Role.COUNSELOR) for n in (1, 2))
    planner = Reader("planung1", Role.PLANNER)
    asked = {
        (mine, 11.0): True,
        (other, 9.0): True,
        (other, 11.0): False,
        (planner, 9.0): False,
    }
    for (reader, at), allowed in asked.items():
        assert day.may(Sight(reader, "filter", "aaaa", at)) is allowed
    assert not day.may(Sight(mine, "filter", "zzzz", 9.0))


def test_everybody_in_the_lists_has_a_mark_of_their_own() -> None:
    made = Lists(2, 2026)
    numbers, marks = [], []
    for number, _, content in made.schools():
        numbers.append(number)
        marks += MARK.findall(content)
    assert len(set(numbers)) == len(numbers) == 34
    assert len(set(marks)) == len(marks) == made.count > 3_000
    assert made.places().count(b"\n") > 2_000


def test_twenty_come_and_each_has_an_account() -> None:
    people = crowd()
    assert len(people) == 20
    assert {reader for reader, _ in people} == set(readers())


def test_ninety_five_of_a_hundred() -> None:
    times = [float(number) for number in range(1, 101)]
    assert (share_within(times, 0.5), share_within(times, 0.95)) == (51.0, 96.0)
    assert share_within([1.0], 0.95) == 1.0


def test_a_page_that_is_late_or_broken_misses_the_target() -> None:
    """A page of results that could not say so would be worth nothing."""
    figures = (Figure("planner", "the target", 4.0, (0.5, 0.7), 0.3, 1_000),)
    good = Measured("1,708", figures, (1.5,), 2.0, 0.5, ())
    late = Measured("1,708", figures, (2.5,), 2.0, 0.5, ("a fault",))
    assert front.every_page(good, 1.0).reached and not front.every_page(good, 0.5).reached
    assert not front.every_page(late, 1.0).reached
    assert front.new_plan(good, 2.0).reached and not front.new_plan(late, 2.0).reached
    assert front.new_plan(good, None).reached is None


def test_a_crowd_with_an_error_misses_the_target() -> None:
    day = Day({}, steps=[Step("a", "filter", 0.2)], took=1.0)
    assert front.crowd_section("SQLite", day).reached
    day.steps.append(Step("b", "filter", 0.2, "it broke"))
    assert not front.crowd_section("SQLite", day).reached


def test_the_pages_server_knows_every_option_that_it_is_started_with() -> None:
    """An option that a new version no longer knows would be told to nobody."""
    assert all(name in config.get_config_options() for name in OPTIONS)
