"""How is a report for the committee said? Names of groups, counts kept back, the answer.

Shared by the PDF and the workbook, so that both say the same.
"""

from __future__ import annotations

from dataclasses import dataclass

from office.committee import Committee, ToldReason
from office.groups import Group, Kind
from office.words import Language, number, percent, reason_words, say


def begun(words: str) -> str:
    """Words that stand alone, begun with a capital."""
    return words[:1].upper() + words[1:]


def share_words(told: Committee, language: Language) -> str:
    """The target's share: 1 in 3."""
    share = told.plan.share
    return say("{part} in {whole}", language, part=share.numerator, whole=share.denominator)


def few(language: Language) -> str:
    """What stands for a count that is kept back."""
    return say("under 5", language)


def count_words(count: int | None, language: Language) -> str:
    """A count, or that it is kept back."""
    return few(language) if count is None else number(count, language)


def split_words(group: Group, language: Language) -> str:
    """How many of a group are placed, or that it is not told."""
    if group.placed is None:
        return say("not told", language)
    return number(group.placed, language)


@dataclass(frozen=True, slots=True)
class GroupWords:
    """What a kind of group is called: its heading, many told as one, and one that is not known."""

    title: str
    heading: str
    together: str
    unknown: str


MUNICIPALITIES = GroupWords(
    "By municipality", "municipality", "{count} groups together", "home not known"
)
SCHOOLS = GroupWords("By school", "school", "{count} schools together", "not known")
WISHES = GroupWords(
    "By the occupation wished first", "occupation", "{count} occupations together", "no wish named"
)


def group_words(group: Group, language: Language, words: GroupWords) -> str:
    """A group's name, or what stands for it."""
    if group.kind is Kind.TOGETHER:
        return begun(say(words.together, language, count=number(group.members, language)))
    if group.kind is Kind.OUTSIDE:
        return begun(say("outside the district", language))
    if group.kind is Kind.ELSEWHERE:
        return begun(say("outside the district or home not known", language))
    return group.name or begun(say(words.unknown, language))


def told_reason_words(one: ToldReason, language: Language) -> str:
    """Why people have no proposal; reasons told together are not told apart."""
    if one.reason is None:
        return say("Several reasons, each for fewer than five people or told with these", language)
    return reason_words(one.reason, language, one.rule)


@dataclass(frozen=True, slots=True)
class Answer:
    """Will we make it? In two words, in a sentence, and how good that is."""

    lead: str
    words: str
    tone: str


def answer(told: Committee, language: Language) -> Answer:
    """The answer to the one question, as the page of the planner gives it."""
    plan, outlook = told.plan, told.outlook
    if plan.holds:
        lead, tone = say("Yes, as far as can be told.", language), "good"
    elif plan.likely:
        lead, tone = say("Probably, but not surely enough.", language), "warning"
    else:
        lead, tone = say("Not with this plan.", language), "bad"
    facts = {
        "base": number(plan.base, language),
        "wanted": number(plan.wanted, language),
        "share": share_words(told, language),
        "chance": percent(plan.honest, language),
        "confidence": percent(plan.confidence, language, 0),
    }
    if told.placed is None:
        words = (
            "The target of {share} is {wanted} of {base} people. The plan reaches it with a chance "
            "of {chance}; {confidence} are wanted."
        )
        return Answer(lead, say(words, language, **facts), tone)
    facts |= {
        "expected": number(plan.placed + plan.expected, language),
        "rate": percent(plan.rate, language),
        "low": number(outlook.low, language),
        "high": number(outlook.high, language),
        "within": percent(outlook.within, language, 0),
    }
    words = (
        "The target of {share} is {wanted} of {base} people. {expected} are expected to start "
        "training ({rate}); with {within} certainty it will be {low} to {high}. The plan reaches "
        "the target with a chance of {chance}; {confidence} are wanted."
    )
    return Answer(lead, say(words, language, **facts), tone)
