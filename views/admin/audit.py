"""Who did what, and has anybody changed the record? The log, its check, its head, its export."""

from __future__ import annotations

from datetime import date

import streamlit as st

from matching.errors import FaultyInput, Rule
from office.keeping_desk import Entry, Head, Wanted
from office.words import number
from office.words.keeping import GROUPS, action_words, field_words, moment_in_short, subject_words
from views.admin.here import EACH, Here, choice, here, mark, offset, pager, said_now, small, why_not
from views.parts import heading, page_help
from views.tables import Column, begun, table

#: Where the answer of a check is remembered: what was found, and how far the log went.
_CHECKED = "admin_log_checked"


def page() -> None:
    """The whole page: the check first, then the entries."""
    at = here()
    st.title(at.say("Log"), anchor=False)
    said_now()
    _check(at)
    _entries(at)
    page_help(
        at.say(
            "The log says who did what, when, to what, and which fields were touched: never a "
            "value, and never the name of a person. A long number such as `3f2a…` is a "
            "**pseudonym**: random bits that stand for a person."
        ),
        at.say(
            "Every entry holds a hash of the one before it. Whoever changes, removes or inserts "
            "an entry breaks this **chain**, and the check finds the place."
        ),
        at.say(
            "Entries that are cut off at the end leave a chain that holds. Against that helps the "
            "**head**: the number and hash of the last entry. Note it where nobody of this house "
            "can change it (on paper, in a mail to the data protection officer), once a week and "
            "after each backup, and compare it here later."
        ),
    )


# The check ---------------------------------------------------------------------------------------


def _check(at: Here) -> None:
    heading("Is the log whole?", at.reader)
    head = at.desk.log_head(by=at.by)
    st.markdown(
        at.say(
            "The log goes up to entry {row}. Its head, to be noted elsewhere:",
            row=number(head.seq, at.reader),
        )
    )
    st.code(str(head), language=None, wrap_lines=True)
    with st.form("check"):
        noted = st.text_input(
            at.say("A head that was noted earlier, to compare (may stay empty)"),
            key="noted",
            placeholder=f"{head.seq}:\N{HORIZONTAL ELLIPSIS}",
            max_chars=100,
        )
        sent = st.form_submit_button(at.say("Check the whole log"), type="primary")
    if sent:
        st.session_state.pop(_CHECKED, None)
        _run_check(at, noted.strip() or None, head)
    told = st.session_state.get(_CHECKED)
    if told is not None:
        kind, words = told
        {"success": st.success, "error": st.error}[kind](words)


def _run_check(at: Here, noted: str | None, head: Head) -> None:
    """Check with progress; whoever presses Stop breaks it off, since it changes nothing."""
    place = st.empty()
    with place.container():
        bar = st.progress(0.0, text=at.say("Checking the log"))
        st.button(at.say("Stop"), key="stop_check")

    def tell(checked: int) -> None:
        facts = {"done": number(checked, at.reader), "all": number(head.seq, at.reader)}
        part = min(1.0, checked / max(1, head.seq))
        bar.progress(part, text=at.say("Checking the log: {done} of {all} entries", **facts))

    try:
        broken, last = at.desk.check_log(at.by, noted, tell)
    except FaultyInput as refusal:
        wrong = any(fault.rule is Rule.VALUE_UNKNOWN for fault in refusal.faults)
        words = at.say("That is no head: it is a number, a colon and 64 signs.")
        st.session_state[_CHECKED] = "error", words if wrong else why_not(refusal, at.reader)
    else:
        st.session_state[_CHECKED] = _found(at, broken, last, noted)
    place.empty()


def _found(at: Here, broken: int | None, last: Head, noted: str | None) -> tuple[str, str]:
    if broken is not None:
        words = (
            "**The log is broken from entry {row} on.** Somebody has changed, removed or inserted "
            "entries past the program. Change nothing more, make a backup, and tell the data "
            "protection officer."
        )
        return "error", at.say(words, row=number(broken, at.reader))
    words = (
        "**The log is whole**, up to entry {row}."
        if noted is None
        else "**The log is whole**, up to entry {row}, and fits the head that was noted."
    )
    return "success", at.say(words, row=number(last.seq, at.reader))


# The entries -------------------------------------------------------------------------------------


def _entries(at: Here) -> None:
    heading("Entries", at.reader)
    wanted = _wanted(at)
    start = offset(at.desk.log_page(at.by, wanted, limit=1)[1])
    rows, total = at.desk.log_page(at.by, wanted, start, EACH)
    if not total:
        st.info(at.say("No entry fits. Choose a longer time or another action."))
        return
    headings = ("entry", "when", "who", "what", "to what", "fields")
    table(
        [Column(at.say(words)) for words in headings],
        [_told(at, one) for one in rows],
        at.say("Entries of the log, newest first"),
        at.reader,
    )
    pager(at, total)
    small(
        at.say(
            "Entries that fit: {count}. The export holds all of them, oldest first; that it was "
            "made is an entry of its own.",
            count=number(total, at.reader),
        )
    )
    st.download_button(
        at.say("Export as CSV"),
        lambda: at.desk.export_log(by=at.by, wanted=wanted),
        at.say("log.csv"),
        "text/csv",
        key="export",
        on_click="ignore",
    )


def _wanted(at: Here) -> Wanted:
    actors = at.desk.said_in_log(by=at.by)[1]
    left, right = st.columns(2)
    with left:
        action = choice(
            at.say("What was done"),
            "action",
            GROUPS,
            lambda one: begun(action_words(one, at.reader)),
            at.say("everything"),
        )
    with right:
        actor = choice(
            at.say("Who did it"),
            "who",
            actors,
            lambda one: one,
            at.say("everybody"),
            {name: mark(name) for name in actors},
        )
    left, right = st.columns(2)
    with left:
        since = _day(at, "since", at.say("From the day"))
    with right:
        until = _day(at, "until", at.say("Up to the day"))
    return Wanted(action, actor, since, until)


def _day(at: Here, name: str, label: str) -> date | None:
    """A day that stands in the address; `None` for an open end."""
    key = f"day_{name}"

    def keep() -> None:
        chosen = st.session_state[key]
        st.query_params.pop("page", None)
        if chosen is None:
            st.query_params.pop(name, None)
        else:
            st.query_params[name] = chosen.isoformat()

    try:
        now = date.fromisoformat(st.query_params.get(name, ""))
    except ValueError:
        now = None
    form = "DD.MM.YYYY" if at.reader == "de" else "YYYY-MM-DD"
    chosen: date | None = st.date_input(label, now, format=form, key=key, on_change=keep)
    return chosen


def _told(at: Here, one: Entry) -> tuple[object, ...]:
    subject = subject_words(one.subject, at.reader)
    return (
        str(one.seq),
        moment_in_short(one.at, at.reader),
        one.actor,
        begun(action_words(one.action, at.reader)),
        subject if subject == one.subject else begun(subject),
        ", ".join(begun(field_words(name, at.reader)) for name in one.fields) or None,
    )


page()
