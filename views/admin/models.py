"""Which model gives the chances, which others are there? Taking one in, and going back."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from matching.errors import UebergangError
from office.learning_tables import UnusableFile
from office.model_sheet import read_card
from office.models_desk import ModelLine
from office.words import number, say
from office.words.keeping import moment_in_short
from office.words.learning import finding_words
from views.admin.here import here, said_now, say_later, section, small, sure, why_not
from views.models_help import models_help
from views.models_shown import Asking, chances_shown, model_facts, source
from views.models_shown import said_now as switched_now
from views.parts import heading, language, reader
from views.tables import Column, counts, table
from views.uploader import drop_zone

_SECTIONS = {"now": "In force now", "all": "All models", "take": "Take a model in"}

#: How the names of files end, by what they hold.
_CARD, _JSON = ".card.json", ".json"


def page() -> None:
    """One part of the page at a time."""
    at = Asking(here().desk, reader(), language())
    st.title(at.say("Models"), anchor=False)
    models_help(at.reader)
    said_now()
    switched_now()
    parts: Mapping[str, Callable[[Asking], None]] = {
        "now": chances_shown,
        "all": _all_models,
        "take": _take_in,
    }
    parts[section(here(), "part", _SECTIONS)](at)


# All models -------------------------------------------------------------------------------------


def _all_models(at: Asking) -> None:
    state, found = at.desk.model_state(by=at.by), at.desk.models(by=at.by)
    source(at, state)
    heading("All models", at.reader)
    if not found:
        st.info(at.say("No model is kept. Take one in on the part \u201cTake a model in\u201d."))
        return
    active = None if state.active is None else state.active.id
    _models_table(at, found, active)
    _put_in_force(at, found, active)


def _models_table(at: Asking, found: tuple[ModelLine, ...], active: int | None) -> None:
    figures = counts(at.reader)
    rows = []
    for one in found:
        learned, error = model_facts(read_card(one.card))
        rows.append(
            (
                str(one.id),
                at.say("in force") if one.id == active else None,
                one.made,
                f"{moment_in_short(one.at, at.reader)}, {one.by}",
                learned,
                error,
                at.say("yes" if one.invented else "no"),
                one.hash[:12],
            )
        )
    table(
        [
            Column(at.say("model")),
            Column(at.say("state")),
            Column(at.say("made")),
            Column(at.say("taken in, by")),
            Column(at.say("learned from proposals"), figures),
            Column(
                at.say("calibration error, last season"),
                lambda value: number(value, at.reader, 3),
            ),
            Column(at.say("invented")),
            Column(at.say("hash")),
        ],
        rows,
        at.say("All models"),
        at.reader,
    )


def _put_in_force(at: Asking, found: tuple[ModelLine, ...], active: int | None) -> None:
    """Choose what gives the chances from the next plan on; a reason, and a second question."""
    heading("Put another one in force", at.reader)
    choices = [one.id for one in found if one.id != active]
    choices += [] if active is None else [0]
    st.markdown(
        at.say(
            "It holds from the next plan on. The plan in force stays as it was drawn, and what "
            "counselors see stays with it. Going back works the same way, at any time."
        )
    )

    def named(one: int) -> str:
        return at.say("model {which}", which=one) if one else at.say("scorecard")

    chosen = st.selectbox(
        at.say("From now on the chances come from"), choices, format_func=named, key="to_force"
    )
    reason = st.text_input(at.say("Reason"), key="force_reason", max_chars=500)
    small(at.say("Kept with your name. Please write nothing about single people."))
    line = next((one for one in found if one.id == chosen), None)
    question = at.say("From the next plan on the chances come from: {what}.", what=named(chosen))
    if line is not None and line.invented:
        words = "The history is invented: of no use for real people."
        question += " " + at.say(words)
    ask, yes = at.say("Put it in force"), at.say("Yes, put it in force")
    if not sure(here(), "force", ask, question, yes):
        return
    if not reason.strip():
        st.error(at.say("Please give a reason."))
        return
    _force(at, chosen, reason)


def _force(at: Asking, chosen: int, reason: str) -> None:
    try:
        if chosen:
            at.desk.activate_model(chosen, by=at.by, reason=reason)
            done = at.say("Model {number} gives the chances from the next plan on.", number=chosen)
        else:
            at.desk.use_scorecard(by=at.by, reason=reason)
            done = at.say("The scorecard gives the chances from the next plan on.")
    except UebergangError as refusal:
        st.error(_why(at, refusal))
        return
    say_later(done)
    st.rerun()


# Taking one in ----------------------------------------------------------------------------------


def _take_in(at: Asking) -> None:
    heading("Take a model in", at.reader)
    st.markdown(
        at.say(
            "Drop the model’s file and its card (`….card.json`, written beside it) together; an "
            "audit of it (`….json`) may come with them. Nothing is put in force by it. A larger "
            "file goes in at a terminal: `uebergang models add FILE`."
        )
    )
    files = drop_zone(at.reader, key="model_files", label=at.say("Model, card and audit"))
    if not files:
        return
    card = [content for name, content in files if name.endswith(_CARD)]
    audits = [c for n, c in files if n.endswith(_JSON) and not n.endswith(_CARD)]
    models = [content for name, content in files if not name.endswith(_JSON)]
    if len(models) != 1 or len(card) != 1 or len(audits) > 1:
        words = "One model, one card (`….card.json`) and at most one audit (`….json`) are needed."
        st.warning(at.say(words))
        return
    if not st.button(at.say("Take it in"), type="primary", key="take"):
        return
    try:
        with st.spinner(at.say("Reading the model")):
            number_of = at.desk.take_model(
                models[0], card[0], by=at.by, audit=audits[0] if audits else None
            )
    except UebergangError as refusal:
        st.error(_why(at, refusal))
        return
    words = "Model {number} is taken in. It gives no chances until it is put in force."
    say_later(at.say(words, number=number_of))
    st.rerun()


def _why(at: Asking, refusal: UebergangError) -> str:
    """Why a file or a model was refused."""
    if isinstance(refusal, UnusableFile):
        told = dict.fromkeys(finding_words(one, at.reader) for one in refusal.findings)
        columns = [one.feature for one in refusal.findings if one.feature]
        named = f" ({', '.join(columns)})" if columns else ""
        return " ".join(told) + named
    return say("Nothing was changed.", at.reader) + " " + why_not(refusal, at.reader)


page()
