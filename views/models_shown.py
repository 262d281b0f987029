"""Where do the chances come from, and do they keep their word? What two roles' pages share.

First who said so and why, then the one switch, then what came of promises, how far the season is
from the past, how the model did ahead of time and by group. The card itself is in `views.card`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import streamlit as st

from matching.errors import UebergangError
from office.access import User
from office.model_sheet import Card, Drift, read_audit, read_card, read_drift
from office.models_desk import ModelsDesk, ModelState, PastPromise, SwitchLine, To
from office.settings import Settings
from office.words import Language, number, percent, say
from office.words.chances import OF_ONE_DAY, drift_words, feature_words, held_words, switch_words
from views.card import ahead_shown, audit_shown, card_shown
from views.parts import heading, plain, refused
from views.planner.asking import moment, small
from views.tables import Column, begun, counts, long_table, percents, table

#: Where what was just done is remembered until it has been said.
_DONE = "models_done"

#: The longest reason.
_REASON = 500


@dataclass(frozen=True, slots=True)
class Asking:
    """The desk, who asks, and their language."""

    desk: ModelsDesk
    by: User
    reader: Language

    def say(self, text: str, **facts: object) -> str:
        """The text in the reader's language."""
        return say(text, self.reader, **facts)


@cache
def _desk(settings: Settings) -> ModelsDesk:
    return ModelsDesk(settings)


def asking(by: User, reader: Language) -> Asking:
    """The way to the desk, on the store that the settings name."""
    return Asking(_desk(Settings()), by, reader)


def say_later(words: str) -> None:
    """Have something said once, above the page that is drawn next."""
    st.session_state[_DONE] = words


def said_now() -> None:
    """Say what was to be said later."""
    words = st.session_state.pop(_DONE, None)
    if words:
        st.success(words)


def chances_shown(at: Asking) -> None:
    """All that a planner and an administrator see alike, from the first line to the last switch."""
    state = at.desk.model_state(by=at.by)
    source(at, state)
    switch(at, state)
    card = None if state.active is None else read_card(state.active.card)
    promises(at, state)
    if state.active is None:
        _how_to_learn(at)
    else:
        season_against_past(at, state)
        if card is None:
            st.warning(at.say("The card of this model can’t be read by this version."))
        else:
            ahead_shown(card, at.reader)
            audit_shown(read_audit(state.audit), at.reader)
            card_shown(card, state.active.hash, at.reader)
    switched(at, state.switches)


# Who says so ------------------------------------------------------------------------------------


def source(at: Asking, state: ModelState) -> None:
    """Where the chances come from now, since when, who said so and why."""
    told = {one.to: one for one in reversed(state.switches)}
    if state.is_manual:
        words = (
            "**People do without chances.** Nobody is shown one, and no plan is drawn. "
            "The plan in force stays."
        )
        st.warning(f"{at.say(words)} {_who(at, told.get(To.MANUAL_ON))}")
    if state.active is None:
        words = (
            "**The scorecard gives the chances**: stated weights for wish, nearness to the wishes, "
            "way, certificate and earlier applications. They are assumptions, learned from nothing."
        )
        st.info(f"{at.say(words)} {_who(at, told.get(To.SCORECARD))}".strip())
        return
    last = next((one for one in state.switches if one.model == state.active.id), None)
    st.info(f"{at.say('**Model {number} gives the chances.**', number=state.active.id)} "
            f"{_who(at, last)}".strip())  # fmt: skip
    if state.active.invented:
        st.warning(at.say("The history is invented: of no use for real people."))


def _who(at: Asking, line: SwitchLine | None) -> str:
    """Since when, who said so, and why; nothing where nobody has said anything."""
    if line is None:
        return ""
    return at.say(
        "Since {when}, by {who}: {why}",
        when=moment(line.at, at.reader),
        who=plain(line.by),
        why=plain(line.reason),
    )


def switched(at: Asking, lines: tuple[SwitchLine, ...]) -> None:
    """Who said what when, the newest first."""
    if not lines:
        return
    heading("What was switched, the newest first", at.reader)
    long_table(
        [Column(at.say(name)) for name in ("what", "when", "by", "why")],
        [
            (
                begun(switch_words(one, at.reader)),
                moment(one.at, at.reader),
                one.by,
                one.reason,
            )
            for one in lines
        ],
        at.say("What was switched, the newest first"),
        at.reader,
        key="switched",
    )


# The switch -------------------------------------------------------------------------------------


def switch(at: Asking, state: ModelState) -> None:
    """The one switch: to do without chances, or with them again; it says before what it does."""
    if state.is_manual:
        title, button = "Work with chances again", "Switch chances on again"
        does = (
            "Counselors see chances again, as each of them has set it, and plans can be drawn. "
            "They come from where they came before."
        )
        done = "Chances are switched on again."
    else:
        title, button = "Work without chances", "Switch chances off for everybody"
        does = (
            "At once nobody is shown a chance any more, and no plan can be drawn. Lists are then "
            "in the order of wishes and ways. The plan in force and all cases stay as they are, "
            "and it can be taken back here at any time."
        )
        done = (
            "Chances are switched off: nobody is shown one, and no plan is drawn. What is in force "
            "stays."
        )
    with st.expander(at.say(title), expanded=state.is_manual):
        st.markdown(at.say(does))
        reason = reason_form(at, "manual", at.say(button))
        if reason is None:
            return
        try:
            at.desk.set_manual(not state.is_manual, by=at.by, reason=reason)
        except UebergangError as refusal:
            refused(refusal)
            return
        say_later(at.say(done))
        st.rerun()


def reason_form(at: Asking, key: str, button: str) -> str | None:
    """A reason and a button; the reason in the run in which the button was pressed with one."""
    with st.form(key):
        reason = st.text_input(at.say("Reason"), key=f"{key}_reason", max_chars=_REASON)
        small(at.say("Kept with your name. Please write nothing about single people."))
        sent = st.form_submit_button(button)
    if not sent:
        return None
    if not reason.strip():
        st.error(at.say("Please give a reason."))
        return None
    return reason


def _how_to_learn(at: Asking) -> None:
    """What to do where no model gives the chances."""
    heading("How chances are learned", at.reader)
    words = (
        "From past proposals whose outcome is known, one row each, in a file; from 30 outcomes on. "
        "At a terminal this makes a model and its card, which an administrator takes in on the "
        "page \u201cModels\u201d and puts in force:"
    )
    st.markdown(at.say(words))
    st.code("uebergang train past.csv --out chances.model", language=None, wrap_lines=True)


# Promises ---------------------------------------------------------------------------------------


def promises(at: Asking, state: ModelState) -> None:
    """Past plans: what was promised, what may be held to, and what came by now."""
    heading("Past promises and what came", at.reader)
    if not state.promises:
        words = (
            "No plan was in force yet. Once one is published, what it promises stands here, and "
            "what comes of it."
        )
        st.info(at.say(words))
        return
    words = (
        "What plans promised on their day, and what has come of their own proposals by now. "
        "Refusals come sooner than contracts: as long as more than a tenth is open, nothing is "
        "judged."
    )
    st.markdown(at.say(words))
    figures = counts(at.reader)
    names = ("plan", "season", "chances from")
    numbers = ("proposals", "expected")
    long_table(
        [
            *(Column(at.say(name)) for name in names),
            *(Column(at.say(name), figures) for name in numbers),
            Column(at.say("to be held to (nine of ten)")),
            Column(at.say("contracts and starts so far"), figures),
            Column(at.say("without an answer"), figures),
            Column(at.say("promise and outcome")),
        ],
        [_promise_row(at, one) for one in state.promises],
        at.say("Past promises and what came"),
        at.reader,
        key="promises",
    )
    if any(one.came is None for one in state.promises):
        words = "Counts that are not told would tell of fewer than five people."
        small(at.say(words))


def _promise_row(at: Asking, one: PastPromise) -> tuple[object, ...]:
    held, untold = one.held_to, begun(at.say("not told"))
    model = at.say("scorecard")
    if one.model is not None:
        model = at.say("model {which}", which=one.model)
    return (
        str(one.plan),
        one.season,
        model,
        one.proposals,
        one.expected,
        None if held is None else _held_to(at, held.honest, held.low, held.high),
        untold if one.came is None else one.came,
        untold if one.still_open is None else one.still_open,
        _judged(at, one),
    )


def _held_to(at: Asking, honest: float, low: float, high: float) -> str:
    between = at.say("{low} to {high}", low=number(low, at.reader), high=number(high, at.reader))
    return f"{number(honest, at.reader)} ({between})"


def _judged(at: Asking, one: PastPromise) -> str:
    if one.judged is None:
        return begun(at.say("too early to tell"))
    told = one.judged
    return begun(
        at.say(
            "{verdict}: {promised} promised, {started} came ({low} to {high})",
            verdict=held_words(told.verdict, at.reader),
            promised=percent(told.promised, at.reader),
            started=percent(told.started, at.reader),
            low=percent(told.low, at.reader),
            high=percent(told.high, at.reader),
        )
    )


# The season at hand -----------------------------------------------------------------------------


def season_against_past(at: Asking, state: ModelState) -> None:
    """Whether the last plan's proposals look like those that the model has learned from."""
    heading("Does this season look like the past?", at.reader)
    found = read_drift(state.drift)
    if found is None:
        words = (
            "This model has drawn no plan of the season yet. The proposals of the first one are "
            "held against the past here."
        )
        st.info(at.say(words))
        return
    st.markdown(_drift_answer(at, found, state.drift_of))
    table(
        [
            Column(at.say("feature")),
            Column(at.say("against the past")),
            Column(at.say("beyond all the past showed"), percents(at.reader)),
            Column(at.say("not known in the past"), percents(at.reader)),
            Column(at.say("not known now"), percents(at.reader)),
        ],
        [
            (
                begun(feature_words(one.name, at.reader)),
                begun(drift_words(one.verdict, at.reader)),
                one.outside_now,
                one.unknown_then,
                one.unknown_now,
            )
            for one in found.features
        ],
        at.say("Features of this season’s proposals against the past"),
        at.reader,
        narrow=True,
    )
    if {one.name for one in found.features} & OF_ONE_DAY:
        words = (
            "A plan is of one day, and most of its proposals are a person’s first of the season; "
            "the past is of whole seasons. So months until the start and earlier proposals hardly "
            "ever look as before: that alone is no reason to worry."
        )
        small(at.say(words))
    words = (
        "A feature counts as different from a stability index of {moved} on, very different from "
        "{shifted} on: a convention, and only where chance alone does not explain it."
    )
    small(at.say(words, moved=number(0.1, at.reader, 1), shifted=number(0.25, at.reader, 2)))


def _drift_answer(at: Asking, found: Drift, run: int | None) -> str:
    """The sentence above the table: how many features have changed, and the chances with them."""
    counted = [one for one in found.features if one.name not in OF_ONE_DAY]
    changed = sum(one.verdict.value in ("moved", "shifted") for one in counted)
    words = (
        "Of the {count} features that can be compared {changed} look different in the proposals "
        "of run {run} ({rows} proposals)."
    )
    told = [
        at.say(
            words,
            count=number(len(counted), at.reader),
            changed=number(changed, at.reader),
            run="\N{EN DASH}" if run is None else run,
            rows=number(found.rows, at.reader),
        )
    ]
    if found.promised_now is not None:
        words = (
            "Started in the past: {then} of proposals; the chances of this plan: {now} on average."
        )
        facts = {"then": percent(found.started_then, at.reader)}
        told.append(at.say(words, now=percent(found.promised_now, at.reader), **facts))
    if found.firms_unknown is not None:
        words = "{share} of the proposals go to firms that the past does not know."
        told.append(at.say(words, share=percent(found.firms_unknown, at.reader)))
    if changed:
        words = (
            "The more differs, the less the past says about this season: look at the features, "
            "and at what comes of the first answers."
        )
        told.append(at.say(words))
    return " ".join(told)


def model_facts(card: Card | None) -> tuple[object, ...]:
    """A model in a list: how many proposals it was learned from, and how it did last."""
    if card is None:
        return None, None
    last = list(card.ahead.values())[-1:]
    return card.rows, last[0].calibration_error if last else None
