"""Where does one person stand, and where could they go? Places, why and why not, what would help.

The page opens with what is known and what happened; places and prices come from the engine.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import streamlit as st

from matching.errors import UebergangError
from office.counseling import Sheet
from office.counseling_desk import PersonFile
from office.words import Language, day, number, reason_words, say
from office.words.cases import (
    case_standing_words,
    ground_of_law_words,
    occupation_words,
    proposal_words,
    step_reason_words,
)
from office.words.counseling import help_words, value_words
from views.counselor.decision import decision
from views.counselor.here import (
    CASELOAD,
    Here,
    address,
    here,
    reckoning,
    said_now,
    say_later,
    why_not,
)
from views.counselor.options import alternatives, option_map, options, refused_options
from views.counselor.own_data import own_data
from views.counselor.record import letter, what_happened
from views.counselor.search import search
from views.older import older_note
from views.parts import heading, page_help, plain
from views.tables import Column, begun, long_table, table

#: What was asked of a day of the case and is not done yet, and how often that was asked.
_ASKED_DAY, _TURN = "case_day_asked", "case_day_turn"


@dataclass(frozen=True, slots=True)
class _AskedDay:
    """A day of somebody's case that was asked to be another, and what the reader saw before."""

    pseudonym: str
    name: str
    before: date | None
    on: date | None


def page() -> None:
    """The whole page of one person."""
    at = here()
    if st.button(say("Back to my cases", at.reader), type="tertiary"):
        st.switch_page(CASELOAD, query_params=address())
    pseudonym = st.query_params.get("person", "")
    if not pseudonym:
        st.title(say("One person", at.reader), anchor=False)
        search(at)
        return
    try:
        known = at.desk.person(pseudonym, at.by)
    except UebergangError as refusal:
        st.title(say("One person", at.reader), anchor=False)
        st.error(why_not(refusal, at.reader))
        return
    st.title(plain(known.name), anchor=False)
    said_now()
    _about(at, known)
    _case(at, known)
    sheet = _sheet(at, known)
    if sheet is not None:
        older_note(at.desk.older_since(at.by), at.reader)
    _stands(at, known, sheet)
    what_happened(at, known, sheet)
    if sheet is not None:
        _engine(at, known, sheet)
    letter(at, known)
    own_data(at, known)
    _help(at, learned=sheet is not None and sheet.learned)


def _help(at: Here, learned: bool) -> None:
    page_help(
        say(
            "What is known of the person stands above, then what the plan in force proposes and "
            "what happened. Below, every place that the rules allow, with the reasons for and "
            "against it, and why it is not the one proposed.",
            at.reader,
        ),
        say(
            "**Settle on a place** or **rule it out**: the next plan keeps to it. You see first "
            "what that costs in expected placements and whom it moves, without a name; only then "
            "do you decide, with a reason.",
            at.reader,
        ),
        _help_on_chances(at.reader, learned),
        say(
            "A place that was declined or given up is not proposed again, until you take that "
            "answer back or write down a later one. What you type is kept for you for 14 days, "
            "until you save it.",
            at.reader,
        ),
    )


def _help_on_chances(reader: Language, learned: bool) -> str:
    if learned:
        return say(
            "**Chance**: the range in which the estimate lies that a contract comes of it, learned "
            "from the outcomes of the district’s own past, and the similar cases behind it. Where "
            "these are too few, no figure stands: you decide by hand.",
            reader,
        )
    return say(
        "**Chance**: the estimate that a contract comes of it, with the range in which it "
        "lies. It is an assumption of a scorecard until outcomes have tested it.",
        reader,
    )


def _about(at: Here, known: PersonFile) -> None:
    """Who the person is, as far as a counselor needs to know."""
    reader = at.reader
    school = known.school_name or known.school
    wishes = ", ".join(occupation_words(code) for code in known.wishes)
    way = None
    if known.longest_way is not None:
        minutes = number(known.longest_way, reader)
        way = say("{minutes} minutes", reader, minutes=minutes)
    rows: list[tuple[str, object]] = [
        (say("School", reader), ", ".join(filter(None, (school, known.school_class)))),
        (say("Wishes", reader), wishes or None),
        (say("Certificate", reader), value_words(known.certificate, reader)),
        (
            say("Age when training starts", reader),
            None if known.age is None else number(known.age, reader),
        ),
        (say("Leaves school on", reader), known.leaves and day(known.leaves, reader)),
        (say("Longest way", reader), way),
        (say("Standing", reader), begun(case_standing_words(known.standing, reader))),
        (say("Legal ground", reader), begun(ground_of_law_words(known.ground, reader))),
        (say("Address", reader), ", ".join(known.address) or None),
        (say("Phone", reader), known.phone),
        (say("E-mail", reader), known.email),
    ]
    columns = [Column(say(text, reader)) for text in ("what", "value")]
    about = say("What is known of the person", reader)
    half = 5
    left, right = st.columns(2)
    with left:
        table(columns, rows[:half], about, reader)
    with right:
        table(columns, rows[half:], about, reader)
    if not known.may_be_matched:
        st.warning(
            say(
                "There is no legal basis any more: nothing is proposed to this person, and they "
                "are in no list.",
                reader,
            )
        )
    if known.objected_on is not None:
        words = "Objected on {day} to being matched by a program: people alone look for a place."
        st.warning(say(words, reader, day=day(known.objected_on, reader)))


def _case(at: Here, known: PersonFile) -> None:
    """Who looks after the person, when to ask again, and whether firms may know the name."""
    reader, case = at.reader, known.case
    asked: _AskedDay | None = st.session_state.pop(_ASKED_DAY, None)
    if asked is not None and asked.pseudonym == known.pseudonym:
        change = {"again": at.desk.contact_again, "agreed": at.desk.agree_to_name}[asked.name]
        _kept(at, lambda: change(asked.pseudonym, asked.on, at.by, before=asked.before))
    with st.container(border=True, horizontal=True, vertical_alignment="bottom"):
        if case.counselor is None:
            st.markdown(say("Nobody looks after this person yet.", reader))
            if st.button(say("Take over", reader), type="primary"):
                _kept(at, lambda: at.desk.take_case(known.pseudonym, at.by))
            return
        _case_day(known, "again", say("Contact again on", reader), case.again)
        _case_day(
            known,
            "agreed",
            say("Firms may be told the name since", reader),
            case.agreed_on,
            say("Only if the person agreed to it. Empty: firms read a cipher.", reader),
        )
        if st.button(say("Give the case back", reader)):
            _kept(at, lambda: at.desk.give_case_back(known.pseudonym, at.by))


def _case_day(
    known: PersonFile, name: str, label: str, stored: date | None, hint: str | None = None
) -> None:
    """A day of the case, to be changed; only whoever changes it here asks for a change."""
    # A keyed field keeps what it shows, whatever is stored since: so another day is another field,
    # and after each change asked for here they are others, too.
    turn = st.session_state.get(_TURN, 0)
    key = f"{name}_{known.pseudonym}_{stored}_{turn}"

    def ask() -> None:
        on = st.session_state[key]
        st.session_state[_ASKED_DAY] = _AskedDay(known.pseudonym, name, stored, on)
        st.session_state[_TURN] = turn + 1

    st.date_input(label, stored, format="DD.MM.YYYY", key=key, help=hint, on_change=ask)


def _kept(at: Here, change: Callable[[], object]) -> None:
    """Make a change, say so, and draw the page anew."""
    try:
        change()
    except UebergangError as refusal:
        say_later(why_not(refusal, at.reader), "error")
    else:
        say_later(say("Kept.", at.reader))
    st.rerun()


def _sheet(at: Here, known: PersonFile) -> Sheet | None:
    try:
        with reckoning(at.reader) as tell:
            return at.desk.sheet(known.pseudonym, at.by, progress=tell)
    except UebergangError as refusal:
        st.warning(why_not(refusal, at.reader))
        return None


def _stands(at: Here, known: PersonFile, sheet: Sheet | None) -> None:
    """What the plan in force proposes, and what today's data would."""
    reader = at.reader
    heading("Where things stand", reader)
    offered = known.offered
    if offered is None:
        st.markdown(say("The plan in force proposes nothing to this person.", reader))
    else:
        words = "The plan in force proposes **{place}**: {status}."
        status = proposal_words(offered.status, reader)
        place = _place(sheet, offered.place, reader)
        st.markdown(say(words, reader, place=place, status=status))
        with st.expander(say("How the proposal came so far", reader)):
            headings = ("when", "status", "by whom", "reason")
            long_table(
                [Column(say(one, reader)) for one in headings],
                [
                    (
                        day(step.at.date(), reader),
                        proposal_words(step.status, reader),
                        step.by,
                        step_reason_words(step.reason, reader),
                    )
                    for step in offered.steps
                ],
                say("How the proposal came so far", reader),
                reader,
                "steps",
            )
    if sheet is None:
        return
    if sheet.without is not None:
        reason = reason_words(sheet.without.reason, reader, sheet.without.rule)
        words = "With today's data a new plan would propose nothing: {reason}."
        st.markdown(say(words, reader, reason=reason))
    elif sheet.proposal and (offered is None or offered.place != sheet.proposal.place):
        place = _place(sheet, sheet.proposal.place, reader)
        words = "With today's data a new plan would propose **{place}**."
        st.markdown(say(words, reader, place=place))


def _place(sheet: Sheet | None, place: str, reader: Language) -> str:
    option = next((one for one in (sheet.options if sheet else ()) if one.place == place), None)
    if option is None:
        return plain(place)
    told = (option.occupation, option.employer, option.where)
    return ", ".join(plain(one) for one in told if one)


def _engine(at: Here, known: PersonFile, sheet: Sheet) -> None:
    """All that the engine knows of the person's places."""
    reader = at.reader
    heading("Places", reader)
    option_map(at, sheet)
    options(at, sheet)
    heading("Look at a place and decide", reader)
    decision(at, known, sheet)
    heading("Alternatives that move nobody", reader)
    alternatives(at, sheet)
    heading("What would help", reader)
    if sheet.helpful:
        st.markdown("\n".join("- " + plain(help_words(one, reader)) for one in sheet.helpful))
    else:
        st.markdown(say("Nothing that would open further places was found.", reader))
    heading("Places that the rules refuse", reader)
    refused_options(at, sheet)


page()
