"""How is a person's sheet said? Reasons, refusals, prices and levers in plain words."""

from __future__ import annotations

from datetime import date
from math import ceil, floor

from data.reference.certificates import certificate_title
from matching.explain import WhyNot
from matching.problem import Certificate
from matching.reasons import NotProposed
from matching.rules import Refusal
from matching.scenario import Change
from office.chance_ranges import RANGE, ChanceRange, Ground
from office.counseling import Option
from office.helping import Helpful, Lever
from office.refusing import Refused, Value
from office.words import Language, day, number, percent, say

_WHY_NOT: dict[NotProposed, str] = {
    NotProposed.HELD_BACK: "This part of the plan did not pass its checks and was held back.",
    NotProposed.BANNED: "A counselor ruled this place out.",
    NotProposed.TURNED_DOWN: "It was declined or given up, and is not proposed again unless that "
    "answer is corrected.",
    NotProposed.BY_HAND: "The person objected to being matched by a program: people alone decide.",
    NotProposed.PINNED_ELSEWHERE: "A counselor settled on another place.",
    NotProposed.NO_OPENINGS: "There are no openings at this place any more.",
    NotProposed.FULL_BY_PINS: "Counselors gave every opening here to other people.",
    NotProposed.BEYOND_CANDIDATES: "Allowed, but not compared: only the {candidates} places that "
    "fit wish and way best are. It can be settled on all the same.",
    NotProposed.OTHERS_GAIN_MORE: "Others gain more at this place.",
    NotProposed.PROPOSAL_GAINS_MORE: "The place proposed does more for the plan.",
    NotProposed.AS_GOOD: "Just as good for the plan; others may have to move for it.",
}

#: Said instead where an opening is free: nobody has to give way there.
_AS_GOOD_AND_FREE = "Just as good for the plan; an opening is free, so nobody has to move for it."

_REFUSED: dict[Refusal, str] = {
    Refusal.STILL_LOOKING: "The person is not looking any more.",
    Refusal.CERTIFICATE_SUFFICES: "Asked for: {asked}. The person has: {has}.",
    Refusal.OLD_ENOUGH: "Minimum age {asked}; at the start of training the person is {has}.",
    Refusal.SCHOOL_DONE: "Compulsory school is not over by the start (start: {asked}, free from: "
    "{has}).",
    Refusal.FREE_BY_START: "Starts on {asked}; the person is free only from {has}.",
    Refusal.WAY_KNOWN: "The way is not known: home or site is missing.",
    Refusal.WAY_ACCEPTABLE: "{has} minutes one way; {asked} is the most.",
}

_FOR: dict[str, str] = {
    "own wish": "the person's own wish",
    "related occupation": "near to what the person wants to learn",
    "way": "the way",
    "certificate above the requirement": "a higher certificate than asked for",
    "applied in an earlier year": "first application",
}

_AGAINST: dict[str, str] = {
    "own wish": "not among the wishes",
    "related occupation": "far from what the person wants to learn",
    "way": "the way",
    "certificate above the requirement": "a lower certificate than asked for",
    "applied in an earlier year": "applied in an earlier year already",
}

#: The reasons of a learned chance, by the column that they are of: for and against. Both are held
#: against what was usual in the past.
_LEARNED: dict[str, tuple[str, str]] = {
    "wish": ("wished for more than is usual", "wished for less than is usual"),
    "fit": ("nearer to the wishes than is usual", "farther from the wishes than is usual"),
    "minutes": ("a shorter way than is usual", "a longer way than is usual"),
    "certificate_margin": (
        "a certificate farther above what is asked for than is usual",
        "a certificate less far above what is asked for than is usual",
    ),
    "mark": ("better marks than is usual", "weaker marks than is usual"),
    "competition": (
        "fewer than usual want to learn such an occupation",
        "more than usual want to learn such an occupation",
    ),
    "months_left": (
        "more time than usual until training starts",
        "less time than usual until training starts",
    ),
    "earlier_proposals": ("number of earlier proposals this season",) * 2,
    "field": ("how this field of occupations takes people on",) * 2,
    "firm": ("how this firm took people on before",) * 2,
}

#: The same of what is so or not so: whether it speaks for or against, the past alone says.
_FLAGS: dict[str, tuple[str, str]] = {
    "applied_before": ("applied in an earlier year already", "first application"),
    "accompanied": ("gets support on the way into training", "gets no support on the way"),
}

#: The same where it is not known.
_UNKNOWN: dict[str, str] = {
    "wish": "it is not known how much it is wished for",
    "fit": "it is not known how near it is to the wishes",
    "minutes": "the way is not known",
    "certificate_margin": "the certificate is not known",
    "mark": "the marks are not known",
    "competition": "it is not known how many want to learn such an occupation",
    "months_left": "it is not known when training starts",
    "earlier_proposals": "it is not known how many proposals there were",
    "applied_before": "it is not known whether this is a first application",
    "accompanied": "it is not known whether there is support",
    "field": "the field of occupations is not known",
}

_LEVERS: dict[Lever, str] = {
    Lever.LONGER_WAY: "A way of up to {value} minutes",
    Lever.CERTIFICATE: "The certificate “{value}”",
    Lever.FREE_EARLIER: "Free from {value} on",
    Lever.SCHOOL_DONE: "Compulsory school over by the start",
    Lever.HOME_KNOWN: "A home that is known",
    Lever.ANOTHER_OCCUPATION: "“{value}” as a further wish",
}

#: What a lever changes: places that become possible, or that are possible and would be wished for.
_OPENS: dict[Lever, str] = {
    lever: "more places possible: {places}" for lever in Lever if lever is not Lever.HOME_KNOWN
} | {
    Lever.HOME_KNOWN: "places that could then be looked at: {places}",
    Lever.ANOTHER_OCCUPATION: "places within reach: {places}",
}


def why_not_words(
    why: WhyNot,
    language: Language,
    candidates: int,
    of_wishes: bool,
    scoring: bool = True,
    free: bool = False,
) -> str:
    """Why this place is not proposed, and by how much others gain more, naming nobody.

    Where an opening is `free`, nobody would have to give way.
    """
    text = _WHY_NOT[why.reason]
    if free and why.reason is NotProposed.AS_GOOD:
        text = _AS_GOOD_AND_FREE
    words = say(text, language, candidates=number(candidates, language))
    if not scoring or why.most is None or why.least is None or why.reason is NotProposed.AS_GOOD:
        return words
    low, high = amount(why.least, language), amount(why.most, language)
    if low == high:
        text = (
            "Proposing it would cost {high} wish points."
            if of_wishes
            else "Proposing it would cost {high} expected placements."
        )
    else:
        text = (
            "Proposing it would cost {low} to {high} wish points."
            if of_wishes
            else "Proposing it would cost {low} to {high} expected placements."
        )
    return f"{words} {say(text, language, low=low, high=high)}"


def refused_words(refused: Refused, language: Language) -> str:
    """The rule that refuses the place, with the two values that are held against each other."""
    asked, has = value_words(refused.asked, language), value_words(refused.has, language)
    return say(_REFUSED[refused.rule], language, asked=asked, has=has)


def ground_words(ground: Ground, language: Language) -> str:
    """A reason for or against, and how far the chance would go without it."""
    points = number(abs(ground.effect) * 100, language)
    sign = "+" if ground.effect > 0 else "\N{MINUS SIGN}"
    return say(
        "{reason} ({sign}{points} points)",
        language,
        reason=_reason_words(ground, language),
        sign=sign,
        points=points,
    )


def _reason_words(ground: Ground, language: Language) -> str:
    """The reason itself; a name that only another declaration has stands for itself."""
    speaks_for = ground.effect > 0
    text = (_FOR if speaks_for else _AGAINST).get(ground.name)
    if text is None and ground.value is None:
        text = _UNKNOWN.get(ground.name)
    elif ground.name in _LEARNED:
        text = _LEARNED[ground.name][0 if speaks_for else 1]
    elif ground.name in _FLAGS:
        text = _FLAGS[ground.name][0 if ground.value else 1]
    return ground.name if text is None else say(text, language)


def option_words(option: Option, language: Language) -> str:
    """What speaks for and against a place in plain facts, without any chance."""
    if option.wished is not None:
        wish = say("wish no. {rank}", language, rank=option.wished)
    elif option.fit >= _LIKE:
        wish = say("like a wish", language)
    else:
        wish = say("no wish", language)
    way = say("{minutes} minutes one way", language, minutes=number(option.minutes, language))
    return f"{wish}, {way}"


def range_words(chance: ChanceRange, language: Language) -> str:
    """A chance with the range in which it lies; a learned one with the cases behind it.

    The ends of a learned range are rounded outwards, so that what is said holds as surely.
    """
    if chance.evidence is None:
        return say(
            "{value} (between {low} and {high})",
            language,
            value=percent(chance.value, language, 0),
            low=percent(chance.low, language, 0),
            high=percent(chance.high, language, 0),
        )
    return say(
        "{low} to {high} – similar cases: {cases}, of them started: {started}",
        language,
        low=number(floor(chance.low * 100), language),
        high=percent(ceil(chance.high * 100) / 100, language, 0),
        cases=number(chance.evidence.cases, language),
        started=number(chance.evidence.started, language),
    )


def evidence_words(chance: ChanceRange, language: Language) -> str:
    """Where the range comes from."""
    if chance.evidence is not None:
        return say(
            "The range comes from the district’s own past: from proposals like this one whose "
            "outcome is known, and from how much seasons differ. It is meant to hold for nine in "
            "ten such proposals; what no column tells of a person is not in it. A reason’s points "
            "say how much lower the chance would be (with {minus}: higher) if just that were as "
            "usual.",
            language,
            minus="−",
        )
    return say(
        "The range allows for an error that all chances share; it holds in {share} of cases if "
        "the model's own assumption about that error is right. No outcomes have tested it yet.",
        language,
    ).format(share=percent(RANGE, language, 0))


def too_little_words(language: Language) -> str:
    """What stands in place of a chance where too little is known of such pairs."""
    return say("Too little experience for a figure", language)


def help_words(helpful: Helpful, language: Language) -> str:
    """What would help, and what it would open."""
    lever = say(_LEVERS[helpful.lever], language, value=value_words(helpful.value, language))
    opens = say(_OPENS[helpful.lever], language, places=number(helpful.places, language))
    if helpful.free:
        free = say("openings free there: {free}", language, free=number(helpful.free, language))
    else:
        free = say("all openings there are proposed to others", language)
    words = f"{lever}: {opens}; {free}"
    if helpful.best is None:
        return f"{words}."
    best = say("best chance there: {best}", language, best=percent(helpful.best, language, 0))
    return f"{words}; {best}."


def change_words(change: Change, language: Language, scoring: bool = True) -> list[str]:
    """What an override comes to, a line each: placements, target, wishes, who else moves.

    Without `scoring` nothing is said that chances are in.
    """
    before, after = change.before.chosen.verdict, change.after.chosen.verdict
    rated = [
        say(
            "Expected placements: {before} → {after} ({change})",
            language,
            before=number(before.expected, language, 1),
            after=number(after.expected, language, 1),
            change=_signed(-change.expected, language, 2),
        ),
        say(
            "Chance of the target: {before} → {after}",
            language,
            before=percent(before.chance_with_model_error, language),
            after=percent(after.chance_with_model_error, language),
        ),
        say(
            "Chance of the target if every estimate is exact: {before} → {after}",
            language,
            before=percent(before.chance_of_target, language),
            after=percent(after.chance_of_target, language),
        ),
    ]
    lines = [
        *(rated if scoring else ()),
        say(
            "Wish points: {before} → {after} ({change})",
            language,
            before=number(before.wishes, language, 1),
            after=number(after.wishes, language, 1),
            change=_signed(-change.wishes, language, 1),
        ),
        _others(change, language),
    ]
    if scoring and change.held and not change.holds:
        lines.append(say("With it, the target no longer holds as surely as wanted.", language))
    return lines


def value_words(value: Value | str, language: Language) -> str:
    """A certificate, a day, an age or minutes, for a reader."""
    if value is None:
        return say("not known", language)
    if isinstance(value, Certificate):
        return certificate_title(value)
    if isinstance(value, date):
        return day(value, language)
    return value if isinstance(value, str) else number(float(value), language)


def amount(value: float, language: Language) -> str:
    """Expected placements or wish points to two places; what is more than nothing never reads 0."""
    if 0 < value < _LEAST:
        return f"< {number(_LEAST, language, 2)}"
    return number(value, language, 2)


#: What stands for less than itself, and the fit from which on an occupation reads as like a wish.
_LEAST, _LIKE = 0.01, 0.6


def _others(change: Change, language: Language) -> str:
    if not change.others:
        return say("Nobody else moves.", language)
    left = sum(move.place_after is None for move in change.others)
    return say(
        "Others who move: {count}; of them without a proposal then: {left}",
        language,
        count=number(len(change.others), language),
        left=number(left, language),
    )


def _signed(value: float, language: Language, decimals: int) -> str:
    shown = number(abs(value), language, decimals)
    if not any(digit in "123456789" for digit in shown):
        return "±0" if value == 0 else "≈ ±0"
    return ("+" if value > 0 else "\N{MINUS SIGN}") + shown
