"""What is there to do today? A counselor's cases: to handle, to contact again, waiting, done."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from matching.errors import UebergangError
from matching.explain import Unplaced
from office.counseling_desk import EACH, Asked, CaseLine, CasePage, Scores, Stage, Whose
from office.words import Language, number, reason_words, say
from office.words.cases import (
    occupation_words,
    proposal_words,
    scores_words,
    short_day,
    stage_words,
    whose_words,
)
from views.counselor.here import (
    PERSON,
    Here,
    address,
    here,
    note,
    reckoning,
    said_now,
    say_later,
    why_not,
)
from views.older import older_note
from views.parts import page_help, plain
from views.tables import begun

_ALL = "all"


def page() -> None:
    """The whole page: which cases, how many of each stage, the list, and how it is shown."""
    at = here()
    st.title(say("My caseload", at.reader), anchor=False)
    said_now()
    asked, start = _asked(at)
    try:
        found = at.desk.caseload(at.by, asked, start)
        reasons = at.desk.reasons_without(at.by)
    except UebergangError as refusal:
        st.error(why_not(refusal, at.reader))
        return
    stage = _stages(at, found, asked)
    if stage != asked.stage:
        _go(stage=None if stage is None else stage.value, page=None)
    if not found.lines:
        _nobody(at, asked)
    else:
        older_note(at.desk.older_since(at.by), at.reader)
        _list(at, found, reasons)
    _pages(at, found, start)
    _settings(at)
    page_help(
        say(
            "**To handle**: nothing is under way for this person. **To contact again**: the day "
            "that you noted has come. **Waiting**: a proposal is out, or you noted a later day. "
            "**Done**: a contract, a start, or a way of their own.",
            at.reader,
        ),
        say(
            "What is due stands first. A click on a name opens the person’s page; names are shown "
            "to you for counseling, and that is logged once a session. People whom nobody looks "
            "after stand under “not taken yet”.",
            at.reader,
        ),
        say(
            "**Proposal**: a place that the plan puts forward for a person. It goes out only when "
            "you send it, with a reason.",
            at.reader,
        ),
    )
    if reasons is None and found.lines:
        _reckon(at)


def _asked(at: Here) -> tuple[Asked, int]:
    """Which lines are wanted: all but the name stands in the address."""
    told = st.query_params
    whose = next((one for one in Whose if one.value == told.get("whose")), Whose.MINE)
    stage = next((one for one in Stage if one.value == told.get("stage")), None)
    every: list[Whose] = list(Whose)
    schools = at.desk.schools_of_season(at.by)
    left, middle, right = st.columns(3)
    with left:
        picked: Whose = st.selectbox(
            say("Whose cases", at.reader),
            every,
            index=every.index(whose),
            format_func=lambda one: begun(whose_words(one, at.reader)),
            key="whose",
        )
    with middle:
        options = [_ALL, *schools]
        at_school = told.get("school", _ALL)
        school: str = st.selectbox(
            say("School", at.reader),
            options,
            index=options.index(at_school) if at_school in options else 0,
            format_func=lambda one: _school(one, schools, at.reader),
            key="school_filter",
        )
    with right:
        words = st.text_input(say("Search by name", at.reader), key="words", max_chars=80)
    if picked != whose or school != at_school:
        _go(whose=picked.value, school=None if school == _ALL else school, page=None)
    start = told.get("page", "1")
    first = max(1, int(start)) if start.isdecimal() and len(start) < 6 else 1
    if words != st.session_state.get("words_before", ""):
        st.session_state["words_before"] = words
        first = 1
    return Asked(whose, stage, None if school == _ALL else school, words), first - 1


def _school(number_of: str, schools: Mapping[str, str | None], reader: Language) -> str:
    if number_of == _ALL:
        return say("all schools", reader)
    name = schools.get(number_of)
    return number_of if name is None else f"{name} ({number_of})"


def _go(**changes: str | None) -> None:
    """Change the address, and with it the list."""
    for name, value in changes.items():
        if value is None:
            st.query_params.pop(name, None)
        else:
            st.query_params[name] = value
    st.rerun()


def _stages(at: Here, found: CasePage, asked: Asked) -> Stage | None:
    """How many there are of each stage; one of them can be chosen."""
    options: list[Stage | None] = [None, *Stage]

    def words(stage: Stage | None) -> str:
        count = sum(found.counts.values()) if stage is None else found.counts.get(stage, 0)
        name = say("all", at.reader) if stage is None else stage_words(stage, at.reader)
        return f"{begun(name)} ({number(count, at.reader)})"

    chosen: Stage | None = st.radio(
        say("What there is to do", at.reader),
        options,
        index=options.index(asked.stage),
        format_func=words,
        horizontal=True,
    )
    return chosen


def _nobody(at: Here, asked: Asked) -> None:
    if asked.words or asked.school or asked.stage:
        st.info(say("Nobody is found with this choice. Choose more widely.", at.reader))
    elif asked.whose is Whose.MINE:
        st.info(
            say(
                "You look after nobody yet. Choose “not taken yet” above and take people over.",
                at.reader,
            )
        )
    else:
        st.info(say("Everybody is taken, or no school handed in a list yet.", at.reader))


#: How wide the parts of a line are: who, where from, what is due and where it stands; to take over.
#: On a narrow screen they stand below each other.
_WIDTHS, _TAKING = (2.0, 2.6, 6.0), 1.5


def _list(at: Here, found: CasePage, reasons: Mapping[str, Unplaced] | None) -> None:
    """The people of this page, a line each; the name opens the file."""
    with st.container(gap="xxsmall"):
        for line in found.lines:
            _line(at, line, reasons)


def _line(at: Here, line: CaseLine, reasons: Mapping[str, Unplaced] | None) -> None:
    reader = at.reader
    is_free = line.case.counselor is None
    widths = (*_WIDTHS, _TAKING) if is_free else _WIDTHS
    who, school, stands, *taking = st.columns(widths, gap="xsmall", vertical_alignment="center")
    with who:
        if st.button(f"**{plain(line.name)}**", key=f"open_{line.pseudonym}", type="tertiary"):
            st.switch_page(PERSON, query_params=address(person=line.pseudonym))
    with school:
        told = (line.school_name or line.school, line.school_class)
        note(" · ".join(plain(one) for one in told if one))
    with stands:
        stage = begun(stage_words(line.stage, reader))
        due = f"{_mark(line)} **{stage}**{_when(line, reader)}"
        note(f"{due} · {_proposal(line, reasons, reader)}")
    for column in taking:
        with column:
            label = say("Take over", reader)
            name = say("Take over {name}", reader, name=plain(line.name))
            if st.button(label, key=f"take_{line.pseudonym}", help=name):
                _take(at, line)


def _mark(line: CaseLine) -> str:
    """A sign for the eye; the words beside it say the same."""
    return {
        Stage.AGAIN: "\N{ANTICLOCKWISE OPEN CIRCLE ARROW}",
        Stage.TO_HANDLE: "\N{BLACK CIRCLE}",
        Stage.WAITING: "\N{WHITE CIRCLE}",
        Stage.DONE: "\N{CHECK MARK}",
    }[line.stage]


def _when(line: CaseLine, reader: Language) -> str:
    again = line.case.again
    if again is None or line.stage is Stage.DONE:
        return ""
    words = "since {day}" if line.stage is Stage.AGAIN else "until {day}"
    return ", " + say(words, reader, day=short_day(again, reader))


def _proposal(line: CaseLine, reasons: Mapping[str, Unplaced] | None, reader: Language) -> str:
    """What the plan in force proposes, or why there is nothing."""
    if line.status is not None:
        what = plain(line.employer or occupation_words(line.occupation))
        return f"{what}: {proposal_words(line.status, reader)}"
    if line.stage is Stage.DONE:
        return say("Nothing to do.", reader)
    without = None if reasons is None else reasons.get(line.pseudonym)
    if without is None:
        return say("No proposal in the plan in force.", reader)
    why = reason_words(without.reason, reader, without.rule)
    return say("No proposal: {reason}", reader, reason=why)


def _take(at: Here, line: CaseLine) -> None:
    try:
        at.desk.take_case(line.pseudonym, at.by)
    except UebergangError as refusal:
        say_later(why_not(refusal, at.reader), "error")
    else:
        words = "You look after {name} now."
        say_later(say(words, at.reader, name=plain(line.name)))
    st.rerun()


def _pages(at: Here, found: CasePage, start: int) -> None:
    """From one page of the list to the next."""
    last = (found.total + EACH - 1) // EACH
    if last < 2:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(say("Back", at.reader), disabled=start == 0):
            _go(page=str(start))
        st.markdown(
            say(
                "Page {page} of {last}",
                at.reader,
                page=number(start + 1, at.reader),
                last=number(last, at.reader),
            )
        )
        if st.button(say("Next", at.reader), disabled=start + 1 >= last):
            _go(page=str(start + 2))


def _settings(at: Here) -> None:
    """When chances are shown: each counselor decides for themselves."""
    with st.expander(say("How I want to work", at.reader)):
        options, now = list(at.desk.scores_allowed(at.by)), at.desk.scores(at.by)
        if len(options) < len(Scores):
            note(say("Your office has limited when chances may be shown.", at.reader))
        chosen = st.radio(
            say("Show chances", at.reader),
            options,
            index=options.index(now),
            format_func=lambda one: begun(scores_words(one, at.reader)),
        )
        note(
            say(
                "Who judges first and sees the chance after sees more than the number. All works "
                "without chances, too: places are then in the order of wishes and ways.",
                at.reader,
            )
        )
        if chosen is not now:
            at.desk.set_scores(chosen, at.by)
            say_later(say("Kept.", at.reader))
            st.rerun()


def _reckon(at: Here) -> None:
    """The list is there at once; the reasons come when the season is reckoned."""
    if st.session_state.get("not_reckoned"):
        return
    if not at.desk.is_reckoned_at_once(at.by):
        note(
            say(
                "Why somebody has no proposal is reckoned on demand; it may take minutes.",
                at.reader,
            )
        )
        if not st.button(say("Reckon the reasons", at.reader)):
            return
    try:
        with reckoning(at.reader) as tell:
            at.desk.reckon_season(at.by, progress=tell)
    except UebergangError as refusal:
        st.session_state["not_reckoned"] = True
        st.warning(why_not(refusal, at.reader))
        return
    st.rerun()


page()
