"""What does the season look like? The bar of everybody, and who started by which week."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from office.outlook import Outlook
from office.season_now import RateNow, SeasonNow
from office.words import Language, day, number, say
from views.charts import (
    BAR,
    EXPECTED,
    INK,
    LINE,
    PLACED,
    REST,
    axis,
    tooltips,
)
from views.pictures import Picture, outlook_facts
from views.tables import Column, begun, counts, tenths

#: What is out lies between what is certain and what is only planned, in colour too.
OUT = "#4A86BA"


def share_of(now: SeasonNow, reader: Language) -> str:
    """The target's share: 1 in 3."""
    return say("{part} in {whole}", reader, part=now.share.numerator, whole=now.share.denominator)


def gauge(now: SeasonNow, one: RateNow, reader: Language) -> Picture:
    """A bar of everybody: placed, out, planned, the rest; the target, and where it may end."""
    told = (
        (say("placed so far", reader), float(one.rate.placed)),
        (say("expected from what is out", reader), one.out),
        (say("expected from the rest of the plan", reader), one.planned),
    )
    rest = max(0.0, one.rate.base - sum(count for _, count in told))
    parts = [(begun(name), count) for name, count in (*told, (say("not yet placed", reader), rest))]
    rows, end = [], 0.0
    for name, count in parts:
        words = number(count, reader)
        rows.append({"part": name, "from": end, "to": end + count, "people": words})
        end += count
    bar = (
        alt.Chart(alt.Data(values=rows))
        .mark_bar(height=44, y=BAR)
        .encode(
            x=alt.X(
                "from:Q",
                title=begun(say("people", reader)),
                scale=alt.Scale(domain=[0, max(end, 1)], nice=False),
                axis=axis(reader, grid=False, tickCount=6),
            ),
            x2="to:Q",
            color=alt.Color(
                "part:N",
                scale=alt.Scale(
                    domain=[name for name, _ in parts], range=[PLACED, OUT, EXPECTED, REST]
                ),
                legend=alt.Legend(title=None, orient="bottom", columns=1, labelLimit=400),
            ),
            tooltip=tooltips(reader, ("part", "part"), ("people", "people")),
        )
    )
    facts = {
        **outlook_facts(one.outlook, reader),
        "share": share_of(now, reader),
        "base": number(one.rate.base, reader),
        "placed": number(one.rate.placed, reader),
        "out": number(one.out, reader),
        "planned": number(one.planned, reader),
    }
    within, looks = facts["within"], one.outlook
    return Picture(
        (bar + _goal(one, facts, reader) + _range(looks, facts, reader)).properties(height=296),
        (Column(say("what", reader)), Column(say("people", reader), tenths(reader))),
        (
            *parts,
            (begun(say("target", reader)), float(one.wanted)),
            (say("At least, with {within} certainty", reader, within=within), float(looks.low)),
            (say("At most, with {within} certainty", reader, within=within), float(looks.high)),
        ),
        say("Everybody who is counted, and the target", reader),
        say(
            "Bar of {base} people: {placed} placed so far, {out} expected from what is out, "
            "{planned} from the rest of the plan; with {within} certainty {low} to {high} in the "
            "end. The target lies at {wanted}.",
            reader,
            **facts,
        ),
    )


def _goal(one: RateNow, facts: Mapping[str, str], reader: Language) -> Any:
    """The target's line above the bar."""
    side = "left" if 2 * one.wanted < one.rate.base else "right"
    words = begun(say("target: {wanted} ({share})", reader, **facts))
    mark = alt.Chart(alt.Data(values=[{"wanted": one.wanted, "words": words}])).encode(x="wanted:Q")
    line = mark.mark_rule(color=LINE, strokeWidth=3, y=20, y2=BAR + 30)
    text = mark.mark_text(
        color=LINE, y=10, dx=-4 if side == "left" else 4, align=side, fontSize=14, fontWeight=600
    ).encode(text="words:N")
    return line + text


def _range(looks: Outlook, facts: Mapping[str, str], reader: Language) -> Any:
    """Below the bar, from where to where the season ends with the certainty that is told."""
    words = say("{low} to {high} with {within} certainty", reader, **facts)
    middle = (looks.low + looks.high) / 2
    row = {"low": looks.low, "high": looks.high, "middle": middle, "words": words}
    ends, below = alt.Chart(alt.Data(values=[row])), BAR + 38
    span = ends.mark_rule(color=INK, strokeWidth=2, y=below).encode(x="low:Q", x2="high:Q")
    sides = [
        ends.mark_rule(color=INK, strokeWidth=2, y=below - 5, y2=below + 5).encode(x=f"{end}:Q")
        for end in ("low", "high")
    ]
    said = ends.mark_text(color=INK, fontSize=12, y=below + 14).encode(x="middle:Q", text="words:N")
    return alt.layer(span, *sides, said)


def weeks(now: SeasonNow, reader: Language) -> Picture:
    """How many had started by the end of each week, against the target."""
    rows: list[dict[str, Any]] = [
        {
            "until": one.until.isoformat(),
            "total": one.total,
            "day": day(one.until, reader),
            "people": number(one.total, reader),
        }
        for one in now.weeks
    ]
    begun_on = {"until": now.begins.isoformat(), "total": 0, "day": day(now.begins, reader)}
    rows.insert(0, {**begun_on, "people": number(0, reader)})
    last_day = max(now.on, now.target.cut_off or now.on)
    x = alt.X(
        "until:T",
        title=None,
        scale=alt.Scale(domain=[now.begins.isoformat(), last_day.isoformat()]),
        axis=alt.Axis(format="%d.%m." if reader == "de" else "%d/%m", labelOverlap=True),
    )
    top = max(now.own.wanted, *(one.total for one in now.weeks), 1)
    y = alt.Y(
        "total:Q",
        title=begun(say("people", reader)),
        scale=alt.Scale(domain=[0, 1.1 * top], nice=False),
        axis=axis(reader, tickCount=5),
    )
    base = alt.Chart(alt.Data(values=rows)).encode(x=x, y=y)
    steps = base.mark_line(color=PLACED, strokeWidth=3, interpolate="step-after")
    dots = base.mark_point(filled=True, size=80, color=PLACED, opacity=1).encode(
        tooltip=tooltips(reader, ("day", "to"), ("people", "people"))
    )
    facts = {"wanted": number(now.own.wanted, reader), "share": share_of(now, reader)}
    words = begun(say("target: {wanted} ({share})", reader, **facts))
    goal = alt.Chart(alt.Data(values=[{"total": now.own.wanted, "words": words}])).encode(y=y)
    line = goal.mark_rule(color=LINE, strokeWidth=2)
    name = goal.mark_text(color=LINE, align="left", x=6, dy=-9, fontSize=13, fontWeight=600).encode(
        text="words:N"
    )
    last = now.weeks[-1]
    return Picture(
        (steps + dots + line + name).properties(height=260),
        (
            Column(say("from", reader)),
            Column(say("to", reader)),
            Column(say("started", reader), counts(reader)),
            Column(say("all so far", reader), counts(reader)),
        ),
        tuple(
            (
                say("day not told", reader) if one.since is None else day(one.since, reader),
                day(one.until, reader),
                one.started,
                one.total,
            )
            for one in now.weeks
        ),
        say("Who started, week by week", reader),
        say(
            "Line of all who started, week by week: {total} by {day}; the target lies at {wanted}.",
            reader,
            total=number(last.total, reader),
            day=day(last.until, reader),
            wanted=facts["wanted"],
        ),
    )
