"""What is to be known of a model? Its card in the reader's words, by season and group.

Every figure is the card's or the audit's own.
"""

from __future__ import annotations

from typing import Any

import altair as alt
import streamlit as st

from office.model_sheet import (
    Ahead,
    AuditSheet,
    Card,
    Gap,
    GapVerdict,
    Measure,
    Share,
    ahead_of,
    season_counts,
)
from office.reports.card_page import card_page, limit_words, short_words, spread_words
from office.words import Language, number, percent, say
from office.words.chances import (
    feature_words,
    gap_words,
    group_words,
    held_words,
    measure_words,
    nature_words,
)
from office.words.learning import direction_words, learner_words, why_words
from views.charts import EXPECTED, PLACED, axis, tooltips
from views.parts import heading, plain
from views.pictures import Picture, show
from views.planner.asking import small
from views.tables import Column, begun, counts, table


def card_shown(card: Card, fingerprint: str, reader: Language) -> None:
    """The card: in short, then data, features, ways and limits, each folded away."""
    heading("The model’s card", reader)
    st.markdown("\n".join(f"- {plain(line)}" for line in short_words(card, reader)))
    for name, shown in (
        ("What it was learned from", _data),
        ("What it may learn from", _features),
        ("How it was learned", _ways),
        ("How far it may be off", _spreads),
        ("Limits", _limits),
    ):
        with st.expander(say(name, reader)):
            shown(card, reader)
    st.download_button(
        say("The card as a text", reader),
        card_page(card, fingerprint, (), reader),
        file_name=f"model-{fingerprint[:8]}.card.md",
        mime="text/markdown",
        key="card_text",
    )


def _data(card: Card, reader: Language) -> None:
    figures = counts(reader)
    names = ("proposals", "outcome known", "started")
    rows = season_counts(card)
    table(
        [
            Column(say("season", reader)),
            *(Column(say(name, reader), figures) for name in names),
            Column(say("shift of the log-odds", reader), lambda value: number(value, reader, 2)),
        ],
        rows,
        say("Proposals of each season", reader),
        reader,
        narrow=True,
    )
    if any(known is None for _, _, known, _, _ in rows):
        words = "Where a dash stands, the figure would tell of fewer than five people."
        small(say(words, reader))
    words = (
        "Of {unknown} proposals nobody knows what came of them. An assumption weighs them: the "
        "odds of a start are {odds} times those of a known one. The share started is then "
        "{weighed}; it would be {none} if none of them started, {all} if all did."
    )
    rates = card.rates_if
    st.markdown(
        say(
            words,
            reader,
            unknown=number(card.rows - card.known, reader),
            odds=number(card.odds_if_unknown, reader, 3),
            weighed=percent(rates["unknown_weighed"], reader),
            none=percent(rates["unknown_none"], reader),
            all=percent(rates["unknown_all"], reader),
        )
    )


def _features(card: Card, reader: Language) -> None:
    st.markdown(
        say(
            "Nothing else enters a chance; protected traits never do. The direction is imposed: "
            "no chance goes the other way.",
            reader,
        )
    )
    names = ("feature", "why it may be used", "direction", "kind, and when it is known")
    table(
        [Column(say(name, reader)) for name in names],
        [
            (
                begun(feature_words(name, reader)),
                why_words(one["why"], reader),
                direction_words(one["direction"], reader),
                nature_words(one["kind"], one["known"], reader),
            )
            for name, one in card.features.items()
        ],
        say("What it may learn from", reader),
        reader,
    )


def _ways(card: Card, reader: Language) -> None:
    table(
        [
            Column(say("way of learning", reader)),
            Column(
                say("log loss on later seasons", reader), lambda value: number(value, reader, 4)
            ),
            Column(say("taken", reader)),
        ],
        [
            (
                begun(learner_words(name, reader)),
                loss,
                say("yes", reader) if name == card.learner else None,
            )
            for name, loss in card.losses.items()
        ],
        say("Ways of learning compared", reader),
        reader,
        narrow=True,
    )
    words = (
        "The history counts for {trust}, the scorecard for the rest (or the overall share, where "
        "its columns are not declared)."
    )
    st.markdown(say(words, reader, trust=percent(card.trust, reader)))


def _spreads(card: Card, reader: Language) -> None:
    st.markdown("\n".join(f"- {plain(line)}" for line in spread_words(card, reader)))


def _limits(card: Card, reader: Language) -> None:
    st.markdown("\n".join(f"- {plain(line)}" for line in limit_words(card, reader)))


# How it did -------------------------------------------------------------------------------------


def ahead_shown(card: Card, reader: Language) -> None:
    """What models of the seasons before promised of each, and what came: picture and table."""
    heading("How it would have done ahead of time", reader)
    found = ahead_of(card)
    if not found:
        words = "Not judged ahead of time: that takes two seasons with known outcomes."
        st.info(say(words, reader))
        return
    words = (
        "Each season as a model of the seasons before it would have told it. \u201cHeld\u201d: the "
        "promise lies within the interval of what came. The average calibration error says how far "
        "promised and come lie apart over tenths of the proposals."
    )
    st.markdown(say(words, reader))
    show(_ahead_picture(found, reader), reader, "ahead")


def _ahead_picture(found: tuple[Ahead, ...], reader: Language) -> Picture:
    return Picture(
        _ahead_chart(found, reader),
        (
            Column(say("season", reader)),
            Column(say("proposals", reader), counts(reader)),
            Column(say("promised (in a bad or a good season)", reader)),
            Column(say("came (nine of ten)", reader)),
            Column(say("promise", reader)),
            Column(say("calibration error", reader), lambda value: number(value, reader, 3)),
        ),
        tuple(
            (
                one.season or None,
                told.rows,
                _with_range(told.promised, told.least, told.most, reader),
                _with_range(told.started, told.low, told.high, reader),
                begun(held_words(told.verdict, reader)),
                one.scores.calibration_error,
            )
            for one, told in ((one, one.promise) for one in found)
        ),
        say("Promised and came, by season", reader),
        say(
            "Two points with their ranges for each season, what was promised and what came: "
            "{told}.",
            reader,
            told="; ".join(
                f"{one.season} {percent(one.promise.promised, reader)}, "
                f"{percent(one.promise.started, reader)}"
                for one in found
            ),
        ),
    )


def _with_range(value: float, low: float, high: float, reader: Language) -> str:
    return f"{percent(value, reader)} ({_range(low, high, reader)})"


def _range(low: float, high: float, reader: Language) -> str:
    facts = {"low": percent(low, reader), "high": percent(high, reader)}
    return say("{low} to {high}", reader, **facts)


def _ahead_chart(found: tuple[Ahead, ...], reader: Language) -> Any:
    """Two points a season, each with its range; told apart by colour, shape and place."""
    kinds = [begun(say(name, reader)) for name in ("promised", "came")]
    rows: list[dict[str, Any]] = []
    for one in found:
        told = one.promise
        for kind, value, low, high in (
            (kinds[0], told.promised, told.least, told.most),
            (kinds[1], told.started, told.low, told.high),
        ):
            words: dict[str, Any] = {
                "share": percent(value, reader),
                "range": _range(low, high, reader),
            }
            marks = {"value": 100 * value, "low": 100 * low, "high": 100 * high}
            rows.append({"season": one.season, "kind": kind} | marks | words)
    base = alt.Chart(alt.Data(values=rows)).encode(
        x=alt.X(
            "season:N",
            title=begun(say("season", reader)),
            axis=alt.Axis(labelAngle=0),
            scale=alt.Scale(paddingInner=0.4, paddingOuter=0.3),
        ),
        xOffset=alt.XOffset("kind:N", sort=kinds),
        color=alt.Color(
            "kind:N",
            scale=alt.Scale(domain=kinds, range=[EXPECTED, PLACED]),
            legend=alt.Legend(title=None, orient="bottom"),
        ),
    )
    spans = base.mark_rule(strokeWidth=3).encode(
        y=alt.Y(
            "low:Q",
            title=begun(say("share started, in percent", reader)),
            scale=alt.Scale(zero=True),
            axis=axis(reader, tickCount=5),
        ),
        y2="high:Q",
    )
    dots = base.mark_point(filled=True, size=140, opacity=1).encode(
        y="value:Q",
        shape=alt.Shape("kind:N", scale=alt.Scale(domain=kinds, range=["diamond", "circle"])),
        tooltip=tooltips(
            reader, ("season", "season"), ("kind", "what"), ("share", "share"), ("range", "range")
        ),
    )
    return (spans + dots).properties(height=280)


# By group ---------------------------------------------------------------------------------------


def audit_shown(found: AuditSheet | None, reader: Language) -> None:
    """Calibration by group: what was promised to each and what came; who can't be told of."""
    heading("Do chances hold for every group?", reader)
    if found is None:
        words = (
            "No audit came with this model. Made at a terminal from a history with traits beside "
            "it, it is taken in with the model:"
        )
        st.info(say(words, reader))
        st.code(
            "uebergang audit-model chances.model past.csv --group sex --out audit.json",
            language=None,
            wrap_lines=True,
        )
        return
    flagged = [gap for gap in found.gaps if gap.verdict is GapVerdict.FLAGGED]
    facts = {
        "flagged": number(len(flagged), reader),
        "tolerance": number(100 * found.tolerance, reader, 1),
    }
    if flagged:
        words = "{flagged} differences are flagged: they lie beyond {tolerance} points."
        st.warning(say(words, reader, **facts))
    else:
        words = "No difference is flagged: none lies surely beyond {tolerance} points."
        st.markdown(say(words, reader, **facts))
    _groups(found, reader)
    _gaps(found, reader)


def _groups(found: AuditSheet, reader: Language) -> None:
    """What each group was promised, what came, and whether they lie together."""
    verdicts = {
        (gap.traits, gap.labels): gap for gap in found.gaps if gap.measure is Measure.PROMISED
    }
    few, rows = begun(say("too few to tell", reader)), []
    for one in found.groups:
        gap = verdicts.get((one.traits, one.labels))
        rows.append(
            (
                group_words(one.traits, one.labels, reader),
                one.people,
                few if one.promised is None else _share(one.promised, reader),
                few if one.started is None else _share(one.started, reader),
                few if gap is None else begun(gap_words(gap.verdict, reader)),
            )
        )
    table(
        [
            Column(say("group", reader)),
            Column(say("people", reader), counts(reader)),
            Column(say("promised", reader)),
            Column(say("came", reader)),
            Column(say("promised beyond what came", reader)),
        ],
        rows,
        say("Promised and came, by group", reader),
        reader,
    )
    if found.kept_back:
        small(say("Groups of fewer than five people are not told.", reader))


def _gaps(found: AuditSheet, reader: Language) -> None:
    with st.expander(say("Each group against all others, in points", reader)):
        table(
            [Column(say(name, reader)) for name in ("group", "what", "difference", "verdict")],
            [
                (
                    group_words(gap.traits, gap.labels, reader),
                    begun(measure_words(gap.measure, reader)),
                    _points(gap, reader),
                    begun(gap_words(gap.verdict, reader)),
                )
                for gap in found.gaps
            ],
            say("Each group against all others, in points", reader),
            reader,
        )
        words = (
            "Equal features are not equal people: what no column holds may explain a difference, "
            "and may be discrimination itself. A flag is a reason to look, and no proof."
        )
        small(say(words, reader))


def _share(share: Share, reader: Language) -> str:
    return _with_range(share.value, share.low, share.high, reader)


def _points(gap: Gap, reader: Language) -> str | None:
    if gap.difference is None:
        return None
    one = gap.difference
    told = (number(100 * value, reader, 1) for value in (one.value, one.low, one.high))
    value, low, high = told
    return f"{value} ({say('{low} to {high}', reader, low=low, high=high)})"
