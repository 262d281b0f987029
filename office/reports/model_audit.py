"""What did an audit of chances find, in the reader's words? Flags first, then every group.

Every figure is one of `models.fairness.Audit`; nothing is counted here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from models.alike import Share
from models.fairness import Audit
from models.fairness import Group as GroupFigures
from models.gaps import LEAST_OF_EITHER, LEAST_PEOPLE, Measure, Verdict
from office.words import Language, number, percent, say

_MEASURES = {
    Measure.PROMISED: "promised beyond what came",
    Measure.STARTED_ALIKE: "started, at equal features",
    Measure.MISSED: "missed, beyond what the chances let expect",
    Measure.CHOSEN_ALIKE: "chosen, at equal features",
}

_VERDICTS = {
    Verdict.FLAGGED: "flagged",
    Verdict.WITHIN: "within the tolerance",
    Verdict.OPEN: "can’t be told",
    Verdict.TOO_FEW: "too few to tell",
}

_HEADINGS = ("group", "people", "rows", "unknown", "chosen", "promised", "started", "missed")

_LIMITS = (
    "Outcomes are taken as they are. Where a whole group is turned away for what it is, chances "
    "that foretell this are well calibrated: then only starts at equal features show it.",
    "Equal features are not equal people: what no column holds may explain a difference, and may "
    "be discrimination itself. A flag is a reason to look, and no proof.",
    "Only people who were proposed are in a history; who never was is not judged here.",
)


def audit_summary(found: Audit, language: Language) -> RenderableType:
    """The answer first, then groups, differences, proxies and features, then limits."""
    parts: list[RenderableType] = []
    if found.invented:
        parts.append(Text(say("The history is invented: of no use for real people.", language)))
    parts += [Text(line) for line in _answer(found, language)]
    parts.append(_groups(found, language))
    parts.append(Text(_shares_note(found, language)))
    parts.append(_gaps(found, language))
    if found.proxies:
        parts.append(_proxies(found, language))
    parts.append(_ablations(found, language))
    parts += [Text(f"- {say(limit, language)}") for limit in _LIMITS]
    return Group(*parts)


def _answer(found: Audit, language: Language) -> Iterator[str]:
    flagged = len(found.flagged)
    if flagged:
        yield say(
            "{flagged} differences are flagged: they lie beyond {tolerance} points.",
            language,
            flagged=number(flagged, language),
            tolerance=number(100 * found.tolerance, language, 1),
        )
    else:
        yield say(
            "No difference is flagged: none lies surely beyond {tolerance} points.",
            language,
            tolerance=number(100 * found.tolerance, language, 1),
        )
    verdicts = [gap.verdict for gap in found.gaps]
    yield say(
        "Within the tolerance: {within}; can’t be told: {open}; too few to tell: {few}.",
        language,
        within=number(verdicts.count(Verdict.WITHIN), language),
        open=number(verdicts.count(Verdict.OPEN), language),
        few=number(verdicts.count(Verdict.TOO_FEW), language),
    )
    for traits in found.left_out:
        yield say(
            "Not told by group (one group only, or too small ones): {traits}",
            language,
            traits=" × ".join(traits),
        )


def _name(traits: Sequence[str], labels: Sequence[str | None], language: Language) -> str:
    pairs = zip(traits, labels, strict=True)
    rest = say("several small groups", language)
    return " × ".join(f"{trait}: {rest if label is None else label}" for trait, label in pairs)


def _groups(found: Audit, language: Language) -> Table:
    title = say("What became of each group", language)
    table = Table(box=box.SIMPLE, title=title, pad_edge=False, padding=(0, 1, 0, 0))
    for at, heading in enumerate((*_HEADINGS, "mistaken")):
        table.add_column(say(heading, language), justify="right" if at else "left")
    for group in found.groups:
        name = _name(group.traits, group.labels, language)
        sizes = (number(group.people, language), number(group.rows, language))
        table.add_row(name, *sizes, *_figures(group, language))
    return table


def _figures(group: GroupFigures, language: Language) -> Iterator[str]:
    if group.unknown is None:
        yield say("too few to tell", language)
        return
    yield percent(group.unknown, language)
    for share in (group.chosen, group.promised, group.started, group.missed, group.mistaken):
        yield "" if share is None else _range(share, language)


def _range(share: Share, language: Language) -> str:
    low, high = number(100 * share.low, language), number(100 * share.high, language)
    return f"{percent(share.value, language)} ({low}–{high})"


def _shares_note(found: Audit, language: Language) -> str:
    judged = (
        "missed: of those who started, not chosen; mistaken: of the others, chosen. Chosen are the "
        "rows of the plan. In brackets an interval of nine in ten."
        if found.choice_given
        else "missed: of those who started, not chosen; mistaken: of the others, chosen. Chosen is "
        "the best third of each season. In brackets an interval of nine in ten."
    )
    fewest = say(
        "Fewer than {people} people, or than {either} outcomes of either kind, are too few.",
        language,
        people=number(LEAST_PEOPLE, language),
        either=number(LEAST_OF_EITHER, language),
    )
    return f"{say(judged, language)} {fewest}"


def _points(share: Share | None, language: Language) -> str:
    if share is None:
        return ""
    value, low, high = (
        number(100 * one, language, 1) for one in (share.value, share.low, share.high)
    )
    return f"{value} ({low} … {high})"


def _gaps(found: Audit, language: Language) -> Table:
    title = say("Each group against all others, in points", language)
    table = Table(box=box.SIMPLE, title=title)
    for heading in ("group", "what", "difference", "verdict"):
        table.add_column(say(heading, language))
    for gap in found.gaps:
        table.add_row(
            _name(gap.traits, gap.labels, language),
            say(_MEASURES[gap.measure], language),
            _points(gap.difference, language),
            say(_VERDICTS[gap.verdict], language),
            style="bold red" if gap.verdict is Verdict.FLAGGED else None,
        )
    return table


def _proxies(found: Audit, language: Language) -> Table:
    title = say("How well the features tell the group (0.5: not at all, 1: surely)", language)
    table = Table(box=box.SIMPLE, title=title)
    for heading in ("group", "area under the curve", "most telling features"):
        table.add_column(say(heading, language))
    for one in found.proxies:
        area = [number(value, language, 2) for value in (one.area.value, one.area.low)]
        area.append(number(one.area.high, language, 2))
        telling = ", ".join(f"{name} {number(value, language, 2)}" for name, value in one.telling)
        name = _name(one.traits, one.labels, language)
        table.add_row(name, f"{area[0]} ({area[1]}–{area[2]})", telling)
    return table


def _ablations(found: Audit, language: Language) -> Table:
    title = "Learned again without the feature" if found.refit else "The feature at its usual value"
    table = Table(box=box.SIMPLE, title=say(title, language))
    headings = ("feature", "others at the top", "rank correlation", "loss")
    for at, heading in enumerate(headings):
        table.add_column(say(heading, language), justify="right" if at else "left")
    table.add_column(say("largest change of a group’s distance, in points", language))
    for one in found.ablations:
        moved = max(one.moved, key=lambda m: abs(m.without - m.with_it), default=None)
        change = ""
        if moved is not None:
            name = _name(moved.traits, moved.labels, language)
            before = number(100 * moved.with_it, language, 1)
            change = f"{name} {before} → {number(100 * moved.without, language, 1)}"
        table.add_row(
            one.feature,
            percent(one.replaced, language),
            number(one.order, language, 3),
            number(one.loss, language, 4),
            change,
        )
    return table
