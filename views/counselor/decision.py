"""What if this place? One place looked at, judged, and decided on once its exact price is known."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from matching.errors import UebergangError
from matching.problem import Bond
from office.counseling import Option, Sheet
from office.counseling_desk import PersonFile, Scores
from office.refusing import Refused
from office.words import day, number, say
from office.words.cases import fit_words, ruled_words, ruling_words
from office.words.counseling import (
    change_words,
    evidence_words,
    ground_words,
    option_words,
    refused_words,
)
from views.counselor.here import Here, note, say_later, why_not
from views.counselor.options import chance_of, name_of, refused_name, told_apart, verdict
from views.counselor.typing import Form
from views.parts import plain
from views.tables import Column, begun, long_table

_PRICED = "priced"

#: So many places can be chosen from at once; a search finds the others.
_SHOWN = 100


def decision(at: Here, known: PersonFile, sheet: Sheet) -> None:
    """Choose a place; then what speaks for and against it, the judgement, and what it would cost.

    The place stands in the address, so that a page that is loaded again shows it again.
    """
    reader = at.reader
    if not sheet.options and not sheet.refused:
        return
    named = {option.place: option for option in sheet.options}
    refused = {one.place: one for one in sheet.refused}
    chosen = _choose(at, known, sheet, named, refused)
    if chosen in refused:
        why = plain(refused_words(refused[chosen], reader))
        st.markdown(say("The rules do not allow this place: {why}", reader, why=why))
    elif chosen is not None:
        option = named[chosen]
        left, right = st.columns(2)
        with left:
            _about(at, option, sheet)
            _judge(at, known, option, sheet)
        with right:
            if option.turned_down:
                note(
                    say(
                        "Nothing can be decided about it: correct the answer under “What "
                        "happened” if it is wrong.",
                        reader,
                    )
                )
            else:
                _decide(at, known, option, sheet.by_hand)
    _decided(at, known, named)


def _choose(
    at: Here,
    known: PersonFile,
    sheet: Sheet,
    named: Mapping[str, Option],
    refused: Mapping[str, Refused],
) -> str | None:
    """One of all places: those found by words, else the nearest to a proposal."""
    reader = at.reader
    words = told_apart(
        {
            **{place: _label(name_of(option), option.where) for place, option in named.items()},
            **{place: _label(refused_name(one), one.where) for place, one in refused.items()},
        }
    )
    asked = st.query_params.get("place")
    searched = st.text_input(
        say("Search any place: occupation, firm or town", reader),
        key=f"find_{known.pseudonym}",
        max_chars=80,
        live="500ms",
    )
    parts_of = (searched or "").casefold().split()
    found = [
        place for place, told in words.items() if all(part in told.casefold() for part in parts_of)
    ]
    first = sheet.proposal.place if sheet.proposal else None
    if not parts_of:
        front = [place for place in (asked, first) if place in words]
        found = list(dict.fromkeys([*front, *named, *refused]))
    if not found:
        st.markdown(say("No place has these words.", reader))
        return None
    if len(found) > _SHOWN:
        all_of_them = number(len(found), reader)
        facts = {"shown": number(_SHOWN, reader), "all": all_of_them}
        note(say("{shown} of {all} places; search to find the others.", reader, **facts))
    shown = found[:_SHOWN]
    chosen = st.selectbox(
        say("Place", reader),
        shown,
        index=shown.index(asked) if asked in shown else 0,
        format_func=lambda place: words[place],
        key=f"place_{known.pseudonym}_{hash((*parts_of, *shown[:2]))}",
    )
    if chosen != asked:
        st.query_params["place"] = chosen
    return chosen


def _label(name: str, where: str | None) -> str:
    return ", ".join(part for part in (name, where) if part)


def _about(at: Here, option: Option, sheet: Sheet) -> None:
    reader = at.reader
    lines = [begun(option_words(option, reader)), verdict(option, sheet, reader)]
    if sheet.scoring:
        chance = chance_of(option, reader)
        lines.append(say("Chance of a contract: {chance}", reader, chance=chance))
    lines += (begun(ground_words(ground, reader)) for ground in option.grounds)
    st.markdown("\n".join("- " + plain(line) for line in lines))
    if option.chance is not None:
        note(plain(evidence_words(option.chance, reader)))
    elif option.too_little:
        note(
            say(
                "Too few similar proposals of the past have a known outcome, or nothing like this "
                "was ever proposed: you decide by hand.",
                reader,
            )
        )


def _judge(at: Here, known: PersonFile, option: Option, sheet: Sheet) -> None:
    """The counselor's own eyes first; chances appear after, where they chose so."""
    reader = at.reader
    before = at.desk.judgements(known.pseudonym, at.by).get(option.place)
    fits = (1, 2, 3, 4)
    fit = st.radio(
        say("My own judgement", reader),
        fits,
        index=None if before is None else fits.index(before),
        format_func=lambda one: begun(fit_words(one, reader)),
        key=f"fit_{known.pseudonym}_{option.place}",
    )
    if not (sheet.scoring or sheet.by_hand) and at.desk.scores(at.by) is Scores.AFTER:
        note(say("Chances appear once you have judged a place.", reader))
    if fit is not None and fit != before:
        try:
            at.desk.judge(known.pseudonym, option.place, fit, at.by)
        except UebergangError as refusal:
            say_later(why_not(refusal, reader), "error")
        st.rerun()


@st.fragment
def _decide(at: Here, known: PersonFile, option: Option, by_hand: bool) -> None:
    """First the price, then the reason, then it is kept. What was typed outlives the page."""
    reader = at.reader
    form = Form(at, known.pseudonym, "decision")
    was_here = form.before("place") == option.place
    bonds: list[Bond | None] = [bond for bond in Bond if bond is not option.ruled]
    if option.ruled is not None:
        bonds.append(None)
    by_name = {"lift" if bond is None else bond.value: bond for bond in bonds}
    begins = by_name.get(form.before("bond"), bonds[0]) if was_here else bonds[0]
    bond: Bond | None = st.radio(
        say("What would you decide?", reader),
        bonds,
        index=bonds.index(begins),
        format_func=lambda one: begun(ruling_words(one, reader)),
        key=f"bond_{known.pseudonym}_{option.place}_{option.ruled}",
    )
    wanted = (known.pseudonym, option.place, bond)
    if was_here and bond is begins and form.before("reason"):
        st.session_state.setdefault(_PRICED, wanted)
    if by_hand:
        note(say("Nothing is estimated about whoever objected: there is no price.", reader))
    else:
        if st.button(say("What would it cost?", reader), type="primary"):
            st.session_state[_PRICED] = wanted
        if st.session_state.get(_PRICED) != wanted:
            note(say("Nothing is kept before you have seen the price.", reader))
            return
        try:
            change = at.desk.cost_of(known.pseudonym, option.place, bond, at.by)
        except UebergangError as refusal:
            st.error(why_not(refusal, reader))
            return
        # The price is the plan's and not a person's chance; only where no chance is wanted at
        # all it is told without any.
        rated = at.desk.scores(at.by) is not Scores.OFF
        lines = change_words(change, reader, rated and not option.too_little)
        if rated and option.too_little:
            words = "There is too little experience to tell what it costs in placements."
            lines.insert(0, say(words, reader))
        st.markdown("\n".join("- " + plain(line) for line in lines))
    reason = form.text(say("Reason", reader), "reason")
    form.tell("place", option.place if reason else "")
    form.tell("bond", ("lift" if bond is None else bond.value) if reason else "")
    form.keep()
    if st.button(say("Decide", reader), key="decide"):
        try:
            at.desk.decide(known.pseudonym, option.place, bond, at.by, reason)
        except UebergangError as refusal:
            st.error(why_not(refusal, reader))
            return
        form.saved()
        st.session_state.pop(_PRICED, None)
        say_later(say("Decided. The next plan keeps to it; until then it waits.", reader))
        st.rerun()


def _decided(at: Here, known: PersonFile, named: Mapping[str, Option]) -> None:
    """All that was decided about the person; what holds waits for the next plan."""
    reader = at.reader
    ruled = at.desk.rulings_about(known.pseudonym, at.by)
    if not ruled:
        return
    rows = []
    for one in reversed(ruled):
        option = named.get(one.place)
        name = one.place.rpartition(":")[2] if option is None else name_of(option)
        state = say("holds for the next plan", reader) if one.holds else say("past", reader)
        when = day(one.at.date(), reader)
        rows.append((name, ruled_words(one.bond, reader), one.reason, one.by, when, state))
    headings = ("Place", "decision", "reason", "by whom", "when", "state")
    long_table(
        [Column(say(text, reader)) for text in headings],
        rows,
        say("What was decided about this person", reader),
        reader,
        "rulings",
    )
