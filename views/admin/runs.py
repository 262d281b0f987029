"""Which plans were reckoned, from what, and do they come out the same? Runs and their replay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import streamlit as st

from matching.errors import FaultyInput
from matching.plan import Status
from office.drawing_work import Replaying
from office.replay import Difference, Replay
from office.season_desk import KeptRun, RunLine
from office.words import Language, number, percent, say, status_words, step_words
from office.words.keeping import moment_in_short, solver_words
from office.words.school import moment_words
from views.admin.here import (
    EACH,
    Here,
    choice,
    go,
    here,
    number_asked,
    offset,
    pager,
    said_now,
    small,
    why_not,
)
from views.parts import heading, page_help, plain
from views.tables import Column, begun, counts, percents, table, tenths

#: How often a replay is looked at while it goes on.
_EVERY = timedelta(seconds=0.5)

#: What came of a run, as it is kept, in words.
_FIGURES: Mapping[str, str] = {
    "proposals": "Proposals",
    "expected": "Expected placements",
    "chance_with_model_error": "Chance of the target",
    "chance_of_target": "Chance if every estimate is exact",
    "rate": "Expected rate",
    "base": "Base",
    "placed_already": "Placed already",
    "wishes": "Wish points",
    "held_back": "Held back",
    "bound": "Bound",
    "gap": "Gap",
    "status": "Status",
    "maximised": "Maximised",
    "prices": "Prices (SHA-256)",
}
_SHARES = frozenset({"rate", "chance_with_model_error", "chance_of_target"})

#: A gap below this is shown as such; it is what rounding leaves.
_SMALLEST_GAP = 1e-6

#: What the log vouches for, and what a replay may find otherwise, in words.
_PARTS: Mapping[str, str] = {
    "columns": "people, places and pairs",
    "data": "hash of the data",
    "model": "chance model",
    "config": "configuration",
    "versions": "versions",
    "result": "result",
    "plan": "the plan itself: proposals lost, proposals new",
    "fingerprint": "what was given (fingerprint)",
    "chance model": "chance model",
}


def page() -> None:
    """The whole page: one run that is open, else all of them."""
    at = here()
    st.title(at.say("Runs"), anchor=False)
    said_now()
    asked = number_asked("run")
    if asked is None:
        _all(at)
    else:
        _one(at, asked)
    page_help(
        at.say(
            "A **run** is one drawing of a plan with all that it takes to draw it again: people "
            "and places by pseudonym, chances, rulings, settings, versions and the result. "
            "No name stands in it."
        ),
        at.say(
            "A **replay** solves the kept run again and compares: plan, prices and every figure, "
            "to the last digit. It changes nothing. If it comes out the same and the log vouches "
            "for what was kept, nobody has altered the run since."
        ),
        at.say(
            "A **fingerprint** or hash is a short number made from much data: whoever changes one "
            "sign of the data gets another number."
        ),
    )


def _all(at: Here) -> None:
    seasons = at.desk.seasons_of_runs(by=at.by)
    if not seasons:
        words = (
            "No run is kept yet. One is kept each time that a planner draws a plan on the page "
            "“Plans”."
        )
        st.info(at.say(words))
        return
    season = choice(
        at.say("Season"), "season", tuple(seasons), lambda one: one, at.say("all seasons")
    )
    total = sum(seasons.values()) if season is None else seasons[season]
    runs = at.desk.run_page(at.by, season, offset(total), EACH)
    headings = ("run", "drawn", "by", "season", "fingerprint", "solver")
    table(
        [
            *(Column(at.say(words)) for words in headings),
            Column(at.say("proposals"), counts(at.reader)),
            Column(at.say("expected placements"), tenths(at.reader)),
            Column(at.say("chance of the target"), percents(at.reader)),
        ],
        [_told(at, one) for one in runs],
        at.say("Runs, newest first"),
        at.reader,
    )
    pager(at, total)
    chosen = st.selectbox(
        at.say("Look at a run, or solve it again"),
        [one.id for one in runs],
        index=None,
        placeholder=at.say("Choose a run"),
        format_func=lambda one: at.say("Run {run}", run=one),
        key="chosen_run",
    )
    if chosen is not None:
        go(run=str(chosen))


def _told(at: Here, one: RunLine) -> tuple[object, ...]:
    figures = (
        one.result.get(name) for name in ("proposals", "expected", "chance_with_model_error")
    )
    when, solver = moment_in_short(one.at, at.reader), solver_words(one.solver, at.reader)
    return (str(one.id), when, one.by, one.season, one.fingerprint[:12], solver, *figures)


# One run -----------------------------------------------------------------------------------------


def _one(at: Here, asked: int) -> None:
    try:
        kept = at.desk.show_run(asked, by=at.by)
    except FaultyInput as refusal:
        st.error(why_not(refusal, at.reader))
        _back(at)
        return
    heading("Run {run}", at.reader, run=kept.id)
    facts = {
        "when": moment_words(kept.at, at.reader),
        "who": plain(kept.by),
        "season": kept.run.season,
        "people": number(len(kept.run.problem.seekers), at.reader),
        "places": number(len(kept.run.problem.places), at.reader),
        "pairs": number(len(kept.run.problem.candidates.seeker), at.reader),
    }
    words = (
        "Drawn on {when} by {who} for season {season}: {people} people, {places} places, {pairs} "
        "possible pairs."
    )
    st.markdown(at.say(words, **facts))
    _vouched(at, kept.unvouched)
    _replay(at, kept.id)
    heading("What came of it", at.reader)
    _results(at, kept.run.result)
    heading("From what it was drawn", at.reader)
    _origin(at, kept)
    _back(at)


def _vouched(at: Here, unvouched: Sequence[str]) -> None:
    if not unvouched:
        st.success(at.say("The log vouches for every part of what was kept."))
        return
    parts = ", ".join(_part(one, at.reader) for one in unvouched)
    words = (
        "**The log does not vouch for: {parts}.** Either the log’s entry is beyond its term and "
        "taken off, or somebody has altered the run. Check the log on the page “Log”."
    )
    st.error(at.say(words, parts=parts))


def _results(at: Here, result: Mapping[str, Any]) -> None:
    table(
        [Column(at.say("figure")), Column(at.say("value"))],
        [
            (at.say(words), _figure(name, result[name], at.reader))
            for name, words in _FIGURES.items()
            if name in result
        ],
        at.say("What came of it"),
        at.reader,
        narrow=True,
    )


def _figure(name: str, value: object, reader: Language) -> str:
    if name == "status" and value in {one.value for one in Status}:
        return begun(status_words(Status(value), reader))
    if name == "maximised":
        words = {"wishes": "people’s wishes", "expected": "expected placements"}
        return say(words.get(str(value), str(value)), reader)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "\N{EN DASH}" if value is None else str(value)
    if name in _SHARES:
        return percent(value, reader)
    if name == "gap" and value:
        below = "< " if value < _SMALLEST_GAP else ""
        return below + number(max(value, _SMALLEST_GAP), reader, 6)
    return number(value, reader, 0 if isinstance(value, int) else 1)


def _origin(at: Here, kept: KeptRun) -> None:
    run = kept.run
    rows = [
        (at.say("Fingerprint of what was given"), kept.fingerprint),
        (at.say("Data (SHA-256)"), kept.data_hash),
        (at.say("Chance model (SHA-256)"), run.model_hash),
        (at.say("Solver"), begun(solver_words(run.solver, at.reader))),
        *((name, _plainly(value, at.reader)) for name, value in _flat(run.config)),
        *((name, version) for name, version in run.versions.items()),
    ]
    table(
        [Column(at.say("what")), Column(at.say("value"))],
        rows,
        at.say("From what it was drawn"),
        at.reader,
        narrow=True,
    )


def _flat(config: Mapping[str, Any], before: str = "") -> list[tuple[str, object]]:
    """Settings and those inside others, by their names."""
    found: list[tuple[str, object]] = []
    for name, value in config.items():
        if isinstance(value, Mapping):
            found += _flat(value, f"{before}{name}.")
        else:
            found.append((f"{before}{name}", value))
    return found


def _plainly(value: object, reader: Language) -> str:
    """A setting as it was given: a number keeps its digits."""
    told = "\N{EN DASH}" if value is None else str(value)
    return told.replace(".", ",") if reader == "de" and isinstance(value, float) else told


# The replay --------------------------------------------------------------------------------------


def _replay(at: Here, run: int) -> None:
    heading("Does it come out the same?", at.reader)
    work = at.desk.replaying(run, by=at.by)
    if work is not None and work.state == "running":
        _watch(run)
        return
    if work is not None:
        _ended(at, work)
    label = "Solve it again" if work is None else "Solve it once more"
    with st.container(horizontal=True):
        again = st.button(at.say(label), key="replay", type="primary")
        gone = work is not None and st.button(at.say("Hide this message"), key="hide")
    if again:
        try:
            at.desk.start_replay(run, by=at.by)
        except FaultyInput as refusal:
            st.error(why_not(refusal, at.reader))
            return
        st.rerun()
    if gone:
        at.desk.forget_replay(run, by=at.by)
        st.rerun()


@st.fragment(run_every=_EVERY)
def _watch(run: int) -> None:
    at = here()
    work = at.desk.replaying(run, by=at.by)
    if work is None or work.state != "running":
        st.rerun(scope="app")
    step = begun(step_words(work.step, at.reader))
    st.progress(work.part, text=f"{step} \N{HORIZONTAL ELLIPSIS}")
    left = max(1, round(work.estimate - work.seconds))
    words = (
        "About {left} seconds more. You may leave this page: it goes on."
        if work.seconds < work.estimate
        else "It takes longer than estimated. You may leave this page: it goes on."
    )
    small(at.say(words, left=number(left, at.reader)))
    if st.button(at.say("Stop"), key="stop"):
        at.desk.stop_replay(run, by=at.by)
        small(at.say("It has been stopped."))


def _ended(at: Here, work: Replaying) -> None:
    if work.state == "stopped":
        st.info(at.say("The replay was stopped."))
    elif work.refusal is not None:
        st.error(why_not(work.refusal, at.reader))
    elif work.kept is None:
        st.error(at.say("The replay broke off. Please report this."))
    else:
        _compared(at, work.kept, work.seconds)


def _compared(at: Here, found: Replay, seconds: float) -> None:
    facts = {
        "proposals": number(found.rows, at.reader),
        "seconds": number(seconds, at.reader, 1),
    }
    if found.same:
        words = (
            "**The same plan came out**: {proposals} proposals, with the same prices and figures "
            "to the last digit ({seconds} seconds)."
        )
        st.success(at.say(words, **facts))
    elif found.differences:
        words = "**Something came out otherwise** ({seconds} seconds). What differs:"
        st.error(at.say(words, **facts))
        _difference_table(at, found.differences, "What came out otherwise")
    else:
        words = (
            "The same plan came out ({proposals} proposals, {seconds} seconds), but the log does "
            "not vouch for all that was kept."
        )
        st.warning(at.say(words, **facts))
    if found.versions:
        st.markdown(at.say("Other versions are at work today than on the day of the run:"))
        _difference_table(at, found.versions, "Versions then and now")


def _difference_table(at: Here, found: Sequence[Difference], about: str) -> None:
    table(
        [Column(at.say("what")), Column(at.say("as kept")), Column(at.say("as found"))],
        [(_part(one.what, at.reader), one.kept, one.found) for one in found],
        at.say(about),
        at.reader,
        narrow=True,
    )


def _part(name: str, reader: Language) -> str:
    if name in _PARTS:
        return say(_PARTS[name], reader)
    return say(_FIGURES[name], reader) if name in _FIGURES else name


def _back(at: Here) -> None:
    if st.button(at.say("Back to all runs"), key="back"):
        st.session_state.pop("chosen_run", None)
        go(run=None)


page()
