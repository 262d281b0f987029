"""What came of it? Proposals sent, answers written down and taken back, and the letter."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import streamlit as st

from matching.errors import FaultyInput, UebergangError
from matching.problem import Bond
from office.counseling import Sheet
from office.counseling_desk import (
    Answer,
    ContactLine,
    ContactStatus,
    Decliner,
    DeclineReason,
    PersonFile,
    Sender,
)
from office.counseling_papers import sent_to
from office.words import Language, day, say
from office.words.cases import (
    answer_words,
    contact_words,
    decline_words,
    decliner_words,
    occupation_words,
)
from views.counselor.here import Here, note, say_later, why_not
from views.counselor.options import name_of, told_apart
from views.counselor.typing import Form
from views.parts import heading, plain
from views.tables import Column, begun, long_table

#: So many places can be chosen from, the ones that matter first.
_MOST = 200


def what_happened(at: Here, known: PersonFile, sheet: Sheet | None) -> None:
    """All that happened so far, what can be written down, and taking the last of it back."""
    reader = at.reader
    heading("What happened", reader)
    if known.contacts:
        headings = ("day", "Place", "what happened", "written down by")
        long_table(
            [Column(say(one, reader)) for one in headings],
            [_row(line, reader) for line in known.contacts],
            say("What happened with this person", reader),
            reader,
            "contacts",
        )
    else:
        st.markdown(say("Nothing is written down yet.", reader))
    if any(line.by_hand for line in known.contacts) and st.button(
        say("Take the last entry back", reader)
    ):
        _kept(at, lambda: at.desk.undo_contact(known.pseudonym, at.by), "Taken back.")
    named = _places(known, sheet)
    if not named:
        return
    left, right = st.columns(2)
    with left:
        _send(at, known, named, _settled_on(sheet, named))
    with right:
        _answer(at, known, named)


def _row(line: ContactLine, reader: Language) -> tuple[object, ...]:
    place = ", ".join(filter(None, (occupation_words(line.kldb, line.title), line.employer)))
    when = None if line.on is None else day(line.on, reader)
    return when, place, begun(contact_words(line, reader)), line.by


def _places(known: PersonFile, sheet: Sheet | None) -> dict[str, str]:
    """The places that something may be written down about, those proposed or met with first."""
    first = [line.place for line in known.contacts if line.place]
    if known.offered is not None:
        first.insert(0, known.offered.place)
    named = {
        line.place: ", ".join(
            filter(None, (occupation_words(line.kldb, line.title), line.employer))
        )
        for line in known.contacts
        if line.place
    }
    for option in sheet.options if sheet is not None else ():
        named[option.place] = ", ".join(filter(None, (name_of(option), option.where)))
        if option.ruled is not None or option.proposed:
            first.append(option.place)
    order = [*dict.fromkeys(place for place in first if place in named), *named]
    return told_apart({place: named[place] for place in list(dict.fromkeys(order))[:_MOST]})


def _settled_on(sheet: Sheet | None, named: dict[str, str]) -> tuple[str, ...]:
    """The places that somebody settled on and that may still be sent."""
    return tuple(
        option.place
        for option in (sheet.options if sheet is not None else ())
        if option.ruled is Bond.PIN and not option.turned_down and option.place in named
    )


@st.fragment
def _send(
    at: Here, known: PersonFile, named: dict[str, str], settled_on: tuple[str, ...] = ()
) -> None:
    """Send what the plan proposes, with a reason; what was typed outlives the page.

    What was settled on comes first; whoever chooses another place is told.
    """
    reader = at.reader
    form = Form(at, known.pseudonym, "send")
    # A keyed field keeps what it shows: once another place is settled on, it begins anew.
    field = form.key("place")
    if st.session_state.get(f"{field}_settled", settled_on) != settled_on:
        st.session_state.pop(field, None)
    st.session_state[f"{field}_settled"] = settled_on
    named = {place: named[place] for place in (*settled_on, *named)}
    with st.container(border=True):
        st.subheader(say("Send a proposal", reader), anchor=False)
        note(
            say(
                "Only what the plan proposes or what was settled on can be sent. It goes out in "
                "your name.",
                reader,
            )
        )
        place = _place(at, form, named)
        if settled_on and place not in settled_on:
            other = plain(named[settled_on[0]])
            st.warning(say("Another place was settled on: {place}.", reader, place=other))
        reason = form.text(say("Reason", reader), "reason")
        form.tell("place", place if reason else "")
        form.keep()
        if st.button(say("Send", reader), key="send"):
            _kept(
                at,
                lambda: at.desk.propose(known.pseudonym, place, at.by, reason),
                "Sent.",
                form,
            )


@st.fragment
def _answer(at: Here, known: PersonFile, named: dict[str, str]) -> None:
    """Write down what happened; who declined and why is asked only then."""
    reader = at.reader
    form = Form(at, known.pseudonym, "answer")
    statuses = {one.value: one for one in ContactStatus if one is not ContactStatus.SENT}
    with st.container(border=True):
        st.subheader(say("Write down an answer", reader), anchor=False)
        place = _place(at, form, named)
        status = st.selectbox(
            say("What happened", reader),
            list(statuses.values()),
            format_func=lambda one: begun(answer_words(one, reader)),
            key=form.begin("status", statuses, ContactStatus.APPLIED),
        )
        on = st.date_input(
            say("On", reader),
            max_value=date.today(),
            format="DD.MM.YYYY",
            key=form.begin("on", _days(form.before("on")), date.today()),
        )
        decliner: Decliner | None = None
        reason: DeclineReason | None = None
        if status is ContactStatus.DECLINED:
            decliner, reason = _refusal(at, form)
        changed = status is not ContactStatus.APPLIED or place != next(iter(named))
        form.tell("place", place if changed else "")
        form.tell("status", status.value if changed else "")
        form.tell("on", on.isoformat() if changed and on != date.today() else "")
        form.keep()
        if st.button(say("Write down", reader), key="answer"):
            given = Answer(place, status, on, decliner, reason)
            _kept(
                at,
                lambda: at.desk.record_contact(known.pseudonym, given, at.by),
                "Written down.",
                form,
            )


def _refusal(at: Here, form: Form) -> tuple[Decliner | None, DeclineReason | None]:
    """By whom and why, as far as somebody said."""
    reader = at.reader
    decliners = {one.value: one for one in Decliner}
    reasons = {one.value: one for one in DeclineReason}
    decliner: Decliner | None = st.selectbox(
        say("Declined by whom", reader),
        [None, *decliners.values()],
        format_func=lambda one: _or_dash(one and decliner_words(one, reader)),
        placeholder=_or_dash(None),
        key=form.begin("decliner", dict[str, Decliner | None](decliners), None),
    )
    reason: DeclineReason | None = st.selectbox(
        say("Declined why", reader),
        [None, *reasons.values()],
        format_func=lambda one: _or_dash(one and decline_words(one, reader)),
        placeholder=_or_dash(None),
        key=form.begin("why", dict[str, DeclineReason | None](reasons), None),
    )
    form.tell("decliner", "" if decliner is None else decliner.value)
    form.tell("why", "" if reason is None else reason.value)
    return decliner, reason


def _place(at: Here, form: Form, named: dict[str, str]) -> str:
    places = list(named)
    return st.selectbox(
        say("Place", at.reader),
        places,
        format_func=lambda one: named[one],
        key=form.begin("place", {place: place for place in places}, places[0]),
    )


def _days(told: str) -> dict[str, date]:
    return {told: date.fromisoformat(told)} if told else {}


def _or_dash(words: str | None) -> str:
    return begun(words) if words else "\N{EN DASH}"


def _kept(at: Here, change: Callable[[], object], words: str, form: Form | None = None) -> None:
    done = {
        "Sent.": say("Sent.", at.reader),
        "Taken back.": say("Taken back.", at.reader),
        "Written down.": say("Written down.", at.reader),
    }
    try:
        change()
    except UebergangError as refusal:
        say_later(why_not(refusal, at.reader), "error")
    else:
        if form is not None:
            form.saved()
        say_later(done[words])
    st.rerun()


@st.fragment
def letter(at: Here, known: PersonFile) -> None:
    """The letter about what was sent, to be printed; first how the office signs, if need be."""
    reader = at.reader
    if not any(line.status is ContactStatus.SENT for line in known.contacts):
        return
    heading("Letter", reader)
    if not sent_to(known):
        st.info(say("Everything sent was answered: there is nothing to write.", reader))
        return
    if at.desk.sender(at.by) is None:
        ask_sender(at)
        return
    form = Form(at, known.pseudonym, "letter")
    own = form.text(say("A sentence of your own in the letter (not needed)", reader), "words")
    form.keep()
    if not st.button(say("Write the letter", reader)):
        return
    try:
        made = at.desk.letter(known.pseudonym, at.by, reader, own)
    except FaultyInput as refusal:
        columns = {fault.column for fault in refusal.faults}
        if "places" in columns:
            st.info(say("Everything sent was answered: there is nothing to write.", reader))
        else:
            st.error(why_not(refusal, reader))
        return
    st.download_button(
        say("Download the letter (PDF)", reader),
        made,
        "brief.pdf",
        "application/pdf",
        on_click="ignore",
    )


def ask_sender(at: Here) -> None:
    """How the office signs its letters: asked once."""
    reader = at.reader
    st.info(say("Nobody has said yet how your office signs. It is asked once.", reader))
    officer = "How your data protection officer is reached (not needed)"
    fields = ("Office", "Street and number", "Postcode and town", "Phone", "E-mail", officer)
    with st.form("sender"):
        told = [st.text_input(_field(one, reader), max_chars=120) for one in fields]
        if st.form_submit_button(say("Keep", reader)):
            try:
                at.desk.set_sender(Sender(*told), at.by)
            except UebergangError as refusal:
                st.error(why_not(refusal, reader))
                return
            say_later(say("Kept.", reader))
            st.rerun()


def _field(name: str, reader: Language) -> str:
    return say(name, reader)
