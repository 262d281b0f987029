"""What is kept of one pupil? Facts, history and legal grounds; to be corrected, or withdrawn."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from office.school_desk import Sheet
from office.words import day, number, say
from office.words.school import (
    became_of,
    became_words,
    cell_words,
    faults_words,
    field_words,
    ground_words,
    input_text,
)
from views.parts import heading, plain
from views.school.here import Here, say_later
from views.tables import Column, begun, table

DASH = "\N{EN DASH}"

#: What a school may write anew by hand, in this order.
_WRITABLE = (
    "surname", "first_name", "born", "number", "school_class", "grade", "street", "postcode",
    "town", "email", "phone", "certificate", "compulsory_school_done", "leaves", "wish_1",
    "wish_2", "wish_3", "longest_way", "consent", "consent_on", "consent_version", "consent_giver",
)  # fmt: skip


def sheet(at: Here, found: Sheet) -> None:
    """One pupil, and what can be done for them."""
    reader, pupil = at.reader, found.pupil
    if st.button(say("Back to all pupils", reader), key="back_to_roll"):
        st.query_params.pop("pupil", None)
        st.session_state.pop("withdrawing", None)
        st.rerun()
    st.header(plain(pupil.name), anchor=False)
    if not pupil.present:
        words = "Your last complete list no longer names this pupil: no proposal is made any more."
        st.warning(say(words, reader))
    now, ground = became_of(pupil, reader), ground_words(pupil.ground, reader)
    st.markdown(f"**{plain(begun(now))}** · {say('Legal basis', reader)}: {plain(ground)}")
    folder = at.desk.settings.data_folder
    shown = [name for name in (*_WRITABLE, "applied_before", "marks") if found.cells.get(name)]
    table(
        (Column(say("what is kept", reader)), Column(say("what it says", reader))),
        [
            (field_words(name, reader), cell_words(name, found.cells[name], reader, folder))
            for name in shown
        ],
        say("What is kept of this pupil", reader),
        reader,
        narrow=True,
    )
    _history(at, found)
    _correct(at, found)
    _withdraw(at, found)


def _history(at: Here, found: Sheet) -> None:
    reader = at.reader
    heading("What became of this pupil", reader)
    if found.became:
        table(
            (Column(say("on what day", reader)), Column(say("what was told", reader))),
            [
                (None if one.on is None else day(one.on, reader), became_words(one, reader))
                for one in found.became
            ],
            say("What became of this pupil", reader),
            reader,
            narrow=True,
        )
    else:
        st.markdown(say("Nobody has told of an application or outcome yet.", reader))
    if len(found.grounds) > 1:
        earlier = " → ".join(ground_words(one, reader) for one in found.grounds)
        st.markdown(say("Legal basis, in its order: {grounds}", reader, grounds=plain(earlier)))


def _correct(at: Here, found: Sheet) -> None:
    reader, folder = at.reader, at.desk.settings.data_folder
    drawn = f"correct_{found.pupil.pseudonym}"
    with st.expander(say("Correct what is kept", reader)):
        st.markdown(
            say(
                "Correct it in your school program as well: your next list counts again. A "
                "correction can be taken back on the page “Hand in a list”.",
                reader,
            )
        )
        before = {
            name: input_text(name, found.cells.get(name, ""), reader, folder) for name in _WRITABLE
        }
        seen: Mapping[str, str] = st.session_state.get(drawn, before)
        told = {}
        with st.form("correct_pupil"):
            sides, half = st.columns(2), len(_WRITABLE) // 2
            for turn, name in enumerate(_WRITABLE):
                told[name] = sides[turn // half].text_input(
                    field_words(name, reader), key=_field(drawn, name, seen[name], before[name])
                )
            sent = st.form_submit_button(say("Check and save", reader))
        st.session_state[drawn] = before
        since = [
            f"{field_words(name, reader)} ({plain(before[name]) or DASH})"
            for name in _WRITABLE
            if seen[name] != before[name]
        ]
        if sent and since:
            words = (
                "Somebody else has corrected this since; what it says now stands in brackets: "
                "{fields}. Nothing of yours is saved, but it still stands here; check it and save "
                "again."
            )
            st.error(say(words, reader, fields=", ".join(since)))
        elif sent:
            _save(at, found, {n: t.strip() for n, t in told.items() if t.strip() != before[n]})


def _field(drawn: str, name: str, seen: str, before: str) -> str:
    """The key of a field, which holds what is stored, or what the reader has typed over it.

    A keyed field keeps its text: what somebody else stored since is another field, into which the
    reader's own words come along.
    """
    key = f"{drawn}_{before}_{name}"
    typed: str = st.session_state.get(f"{drawn}_{seen}_{name}", seen)
    st.session_state.setdefault(key, typed if typed != seen else before)
    return key


def _save(at: Here, found: Sheet, cells: Mapping[str, str]) -> None:
    reader = at.reader
    if not cells:
        st.info(say("Nothing was changed.", reader))
        return
    seen = {name: found.cells.get(name, "") for name in cells}
    result = at.desk.correct_pupil(found.pupil.pseudonym, cells, at.school, at.by, seen=seen)
    if isinstance(result, tuple):
        for fault in result:
            said = faults_words((fault,), reader)
            named = next((n for n in cells if n == fault.column), None)
            words = said if named is None else f"{field_words(named, reader)}: {said}"
            st.error(words)
        return
    # What is stored now is shown as it is stored, not as it was typed.
    st.session_state.pop(f"correct_{found.pupil.pseudonym}", None)
    words = "Saved. Corrected: {count}."
    say_later("success", say(words, reader, count=number(len(cells), reader)))
    st.rerun()


def _withdraw(at: Here, found: Sheet) -> None:
    reader, ground = at.reader, found.pupil.ground
    if ground is None or ground.withdrawn_at is not None:
        return
    heading("Consent taken back", reader)
    asking = st.session_state.get("withdrawing") == found.pupil.pseudonym
    if not asking:
        words = "Has this pupil, or have the parents, taken their consent back or objected?"
        st.markdown(say(words, reader))
        if st.button(say("Withdraw the legal basis", reader), key="withdraw"):
            st.session_state["withdrawing"] = found.pupil.pseudonym
            st.rerun()
        return
    st.warning(
        say(
            "From now on nobody matches this pupil, and every proposal under way is stopped, at "
            "once. A list can’t undo that; only a new consent, given later, can.",
            reader,
        )
    )
    with st.container(horizontal=True):
        sure = st.button(say("Yes, withdraw it", reader), type="primary", key="withdraw_yes")
        no = st.button(say("No, go back", reader), key="withdraw_no")
    if sure:
        at.desk.withdraw_pupil(found.pupil.pseudonym, at.school, at.by)
        say_later("success", say("The legal basis is withdrawn.", reader))
    if sure or no:
        del st.session_state["withdrawing"]
        st.rerun()
