"""What is to be known of a model, in the reader's words? Its card and data sheet as a text.

Every figure is one of `models.card.Card`; nothing is counted here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from math import exp

from models.card import Card
from models.evaluation import Scores
from models.placement import LEAST_CASES
from office.words import Language, day, number, percent, say
from office.words.learning import (
    direction_words,
    kind_words,
    known_words,
    learner_words,
    why_words,
)

_RATES = {
    "unknown_none": "if none of the unknown started",
    "unknown_weighed": "under the stated assumption",
    "unknown_all": "if all of the unknown started",
    "known_only": "of the known alone",
}

_LIMITS = (
    "A chance says how proposals like this one ended in the past, and nothing of what a person is "
    "able to do. Places are ranked for a person, people never.",
    "Protected traits are no features. What the other columns give away of them is for the audit "
    "to find out (uebergang audit-model).",
    "Only proposals that were made have an outcome. Where fewer than {cases} of them are like a "
    "pair, or a value lies outside all that they showed, no range is told and people judge.",
    "An unknown outcome counts by an assumption: the odds of a start are {odds} times those of a "
    "known one. The data can’t test it; the bounds are above.",
    "A few seasons hardly tell how much seasons differ; the ranges allow for it, as far as the "
    "past shows it.",
    "Rules, firms and lists change. Whether the season at hand still looks like the past is to be "
    "checked before its chances are used.",
)


def constant_lines(constant: Sequence[str], language: Language) -> list[str]:
    """That nothing can be learned from columns which are the same in every row."""
    if not constant:
        return []
    words = "The same in every row, so that nothing is learned from it: {columns}"
    return [say(words, language, columns=", ".join(constant))]


def card_page(card: Card, fingerprint: str, constant: Sequence[str], language: Language) -> str:
    """The card and data sheet as Markdown. `fingerprint` is the SHA-256 of the model's file."""
    title = say("Card of a model of chances", language)
    invented = say("The history is invented: of no use for real people.", language)
    sections = [
        f"# {title}",
        *([f"**{invented}**"] if card.invented else []),
        _lines(short_words(card, language)),
        f"SHA-256: `{fingerprint}`",
        _section(say("What it may learn from", language), _features(card, language)),
        _lines(constant_lines(constant, language)),
        _section(say("Data sheet", language), *_data(card, language)),
        _section(say("How it was learned", language), *_ways(card, language)),
        _section(say("How well it did ahead of time", language), *_ahead(card, language)),
        _section(say("How far it may be off", language), _lines(spread_words(card, language))),
        _section(say("Limits", language), _lines(limit_words(card, language))),
        _section(say("Made with", language), _lines(f"{n} {v}" for n, v in card.versions.items())),
    ]
    return "\n\n".join(part for part in sections if part) + "\n"


def short_words(card: Card, language: Language) -> list[str]:
    """The card in four lines: when, from what, how many started, how it was learned."""
    return [
        say("Made on {day}.", language, day=_day(card.made, language)),
        say(
            "Learned from {rows} proposals to {people} people at {firms} firms; the outcome of "
            "{known} is known.",
            language,
            rows=number(card.rows, language),
            people=number(card.people, language),
            firms=number(card.firms, language),
            known=number(card.known, language),
        ),
        say(
            "Started: {share} (between {low} and {high}, whatever became of the unknown).",
            language,
            share=percent(card.rates_if["unknown_weighed"], language),
            low=percent(card.rates_if["unknown_none"], language),
            high=percent(card.rates_if["unknown_all"], language),
        ),
        say("Way of learning: {learner}.", language, learner=learner_words(card.learner, language)),
    ]


def _features(card: Card, language: Language) -> str:
    headings = ("column", "kind", "direction", "known", "why it may be used")
    rows = [
        (
            f"`{name}`",
            kind_words(one["kind"], language),
            direction_words(one["direction"], language),
            known_words(one["known"], language),
            why_words(one["why"], language),
        )
        for name, one in card.features.items()
    ]
    return _table([say(one, language) for one in headings], rows, numbers=0)


def _data(card: Card, language: Language) -> list[str]:
    headings = ("season", "proposals", "outcome known", "started", "shift of the log-odds")
    rows = [
        (
            season or "-",
            number(one.rows, language),
            number(one.known, language),
            number(one.started, language),
            number(one.shift, language, 2),
        )
        for season, one in card.seasons.items()
    ]
    shares = [
        (say(words, language), percent(card.rates_if[name], language))
        for name, words in _RATES.items()
        if name in card.rates_if
    ]
    told = say("SHA-256 of the columns that were learned from: {hash}", language, hash=card.history)
    return [
        _table([say(one, language) for one in headings], rows, numbers=4),
        _table([say("unknown outcomes", language), say("share started", language)], shares, 1),
        told,
    ]


def _ways(card: Card, language: Language) -> list[str]:
    rows = [
        (learner_words(name, language), number(loss, language, 4))
        for name, loss in card.losses.items()
    ]
    headings = [say(one, language) for one in ("way of learning", "log loss on later seasons")]
    lines = [
        say("Taken: {learner}.", language, learner=learner_words(card.learner, language)),
        say(
            "The history counts for {trust}, the scorecard for the rest (or the overall share, "
            "where its columns are not declared).",
            language,
            trust=percent(card.trust, language),
        ),
        say(
            "Recalibrated with slopes of {below} below the middle and {above} above.",
            language,
            below=number(card.slopes[0], language, 2),
            above=number(card.slopes[1], language, 2),
        ),
    ]
    return [_table(headings, rows, numbers=1), _lines(lines)]


def _ahead(card: Card, language: Language) -> list[str]:
    if not card.ahead:
        return [not_judged(language)]
    rows = [(season, *ahead_row(one, language)) for season, one in card.ahead.items()]
    told = (
        "Each season as a model of the seasons before it would have told it. Calibration error: "
        "how far promised and come lie apart, on average over tenths of the proposals. Area under "
        "the curve: how often a start was given the higher chance (half by luck alone)."
    )
    return [_table(ahead_headings(language), rows, numbers=7), say(told, language)]


def not_judged(language: Language) -> str:
    """That there are no scores, and what they would take."""
    words = "Not judged ahead of time: that takes two seasons with known outcomes."
    return say(words, language)


def ahead_headings(language: Language) -> list[str]:
    """The headings of a table of scores by season."""
    headings = ("season", "proposals", "promised", "came", "calibration error")
    more = ("area under the curve", "Brier score", "log loss")
    return [say(one, language) for one in (*headings, *more)]


def ahead_row(one: Scores, language: Language) -> tuple[str, ...]:
    """A season's scores, in the order of the headings after the first."""
    return (
        number(one.rows, language),
        percent(one.mean_chance, language),
        percent(one.share_started, language),
        number(one.calibration_error, language, 3),
        "-" if one.area is None else number(one.area, language, 3),
        number(one.brier, language, 3),
        number(one.log_loss, language, 3),
    )


def spread_words(card: Card, language: Language) -> list[str]:
    """How far seasons and firms move a chance, and what ranges are meant to hold."""
    spreads = {
        "A whole season to come": card.spread,
        "One season beside another": card.season_spread,
        "One firm beside another": card.firms_spread,
    }
    lines = []
    for what, spread in spreads.items():
        low, high = (1 / (1 + exp(sign * spread)) for sign in (1, -1))
        lines.append(
            say(
                "{what}: {spread} in log-odds, which makes a chance of 50 % one of {low} or {high}",
                language,
                what=say(what, language),
                spread=number(spread, language, 2),
                low=percent(low, language, 0),
                high=percent(high, language, 0),
            )
        )
    sure = say(
        "Ranges are meant to hold the truth in {sure} of cases.",
        language,
        sure=percent(card.sure, language, 0),
    )
    return [*lines, sure]


def limit_words(card: Card, language: Language) -> list[str]:
    """What no figure of a card can say."""
    facts = {"cases": LEAST_CASES, "odds": number(card.odds_if_unknown, language, 3)}
    return [say(words, language, **facts) for words in _LIMITS]


def _day(made: str, language: Language) -> str:
    try:
        return day(date.fromisoformat(made), language)
    except ValueError:
        return made


def _section(title: str, *parts: str) -> str:
    return "\n\n".join([f"## {title}", *parts])


def _lines(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]], numbers: int) -> str:
    """A table of Markdown; its last `numbers` columns are set to the right."""
    words = len(headings) - numbers
    parts = [headings, ["---"] * words + ["---:"] * numbers, *rows]
    return "\n".join("| " + " | ".join(map(_cell, row)) + " |" for row in parts)


def _cell(text: str) -> str:
    """Somebody's words as they stand, and never as a column, a line or a tag of their own."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")
