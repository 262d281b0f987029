"""What does a terminal show of past seasons gone through again? Policies, overlap, verdicts."""

from __future__ import annotations

from collections.abc import Mapping

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table

from models.backtest import BackTest, Comparison, Gain, Gap, Policy
from models.doubly_robust import CLIP, LEAST_CASES, LEAST_SHOWN, SHOWN, Doubt, Estimate, Verdict
from office.words import Language, number, percent, say

_POLICIES: Mapping[Policy, str] = {
    Policy.PLAN: "the plan",
    Policy.HAPPENED: "what was done",
    Policy.FIRST_COME: "first come, first served",
    Policy.GREEDY: "best chance first",
    Policy.LOT: "by lot",
}

_VERDICTS: Mapping[Verdict, str] = {
    Verdict.BETTER: "the plan brings more",
    Verdict.WORSE: "the plan brings less",
    Verdict.OPEN: "no difference to be seen",
    Verdict.SAME: "the same pairs",
    Verdict.CANNOT_TELL: "the data can’t tell",
}

_DOUBTS: Mapping[Doubt, str] = {
    Doubt.FEW_ALIKE: "too few such pairs were proposed",
    Doubt.LITTLE_OVERLAP: "most such pairs were hardly ever proposed",
    Doubt.WEIGHTS_OFF: "what was proposed can’t be retraced",
}

_GAPS: Mapping[Gap, str] = {
    Gap.NOTHING_BEFORE: "{season}: no season before it to learn from.",
    Gap.NO_PAIRS: "{season}: no possible pairs are given.",
    Gap.TOO_LITTLE: "{season}: too little to learn from.",
}


def policy_words(policy: Policy, language: Language) -> str:
    """What a way to give places is called."""
    return say(_POLICIES[policy], language)


def verdict_words(gain: Gain, language: Language) -> str:
    """How the plan stands to a rival, and why that can't be told if it can't."""
    words = say(_VERDICTS[gain.verdict], language)
    why = ", ".join(say(_DOUBTS[doubt], language) for doubt in gain.doubts)
    return f"{words}: {why}" if why else words


def gap_lines(found: BackTest, language: Language) -> list[str]:
    """The seasons that were left out, and why."""
    return [say(_GAPS[gap], language, season=name) for name, gap in found.left_out.items()]


def backtest_summary(found: BackTest, invented: bool, language: Language) -> RenderableType:
    """Policies by season and together, the plan against each, and what all that rests on."""
    together = found.together
    parts = [*found.by_season, *([together] if together is not None else [])]
    lines = [say("Invented data: no figure here was observed.", language)] if invented else []
    lines += gap_lines(found, language)
    return Group(
        *lines, _values(parts, language), _gains(parts, language), *_notes(parts, language)
    )


def _values(parts: list[Comparison], language: Language) -> Table:
    table = Table(box=box.SIMPLE, title=say("Expected starts of first proposals", language))
    table.add_column(say("season", language))
    table.add_column(say("way to give places", language))
    for heading in ("starts", "nine in ten", "pairs", "proposed", "alike", "within"):
        table.add_column(say(heading, language), justify="right", no_wrap=True)
    for part in parts:
        for policy in Policy:
            table.add_row(
                _season(part, language) if policy is Policy.PLAN else "",
                policy_words(policy, language),
                *_estimate(part.values[policy], language),
                *_overlap(part, policy, language),
            )
    return table


def _gains(parts: list[Comparison], language: Language) -> Table:
    table = Table(box=box.SIMPLE, title=say("The plan against each", language))
    table.add_column(say("season", language))
    table.add_column(say("against", language))
    for heading in ("more starts", "nine in ten"):
        table.add_column(say(heading, language), justify="right", no_wrap=True)
    table.add_column(say("verdict", language), overflow="fold")
    for part in parts:
        for number_, (rival, gain) in enumerate(part.gains.items()):
            table.add_row(
                "" if number_ else _season(part, language),
                policy_words(rival, language),
                *_estimate(gain.estimate, language),
                verdict_words(gain, language),
            )
    return table


def _notes(parts: list[Comparison], language: Language) -> list[str]:
    lines = []
    for part in parts:
        came = part.happened
        words = (
            "{season}: of {first} first proposals {low} to {high} started, of all {all} proposals "
            "{least} to {most} (some outcomes are unknown); {outside} were not among the pairs."
        )
        lines.append(
            say(
                words,
                language,
                season=_season(part, language),
                first=number(came.first, language),
                low=number(came.first_started, language),
                high=number(came.first_started + came.first_unknown, language),
                all=number(came.proposals, language),
                least=number(came.started, language),
                most=number(came.started + came.unknown, language),
                outside=number(came.outside, language),
            )
        )
    words = (
        "alike: proposed pairs of equal weight that would tell as much, at least {cases}; within: "
        "pairs of which at least {shown} like them were proposed, at least {least} of all. No pair "
        "weighs more than {most}-fold."
    )
    lines.append(
        say(
            words,
            language,
            cases=number(LEAST_CASES, language),
            shown=percent(SHOWN, language, 0),
            least=percent(LEAST_SHOWN, language, 0),
            most=number(1 / CLIP, language),
        )
    )
    return lines


def _season(part: Comparison, language: Language) -> str:
    return say("all seasons", language) if part.name is None else part.name


def _estimate(one: Estimate, language: Language) -> tuple[str, str]:
    shown = (number(end, language) for end in (one.low, one.high))
    return number(one.value, language), say("{low} to {high}", language, **_ends(*shown))


def _ends(low: str, high: str) -> dict[str, str]:
    return {"low": low, "high": high}


def _overlap(part: Comparison, policy: Policy, language: Language) -> tuple[str, str, str, str]:
    if policy not in part.overlaps:
        return ("", "", "", "")
    own = part.overlaps[policy]
    share = "" if own.share_shown is None else percent(own.share_shown, language, 0)
    counts = (number(one, language) for one in (own.pairs, own.proposed, own.cases))
    pairs, proposed, cases = counts
    return pairs, proposed, cases, share
