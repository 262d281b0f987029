"""How is a case said? Stages, answers, refusals of firms and people, judgements, proposals."""

from __future__ import annotations

from datetime import date

from data.intake.records import ContactStatus, Decliner, DeclineReason
from data.reference.occupations import title_of
from data.store.case_steps import ANSWERED, TAKEN_BACK, ContactLine
from data.store.caseload import Stage, Whose
from data.store.cases import Scores
from data.store.person_file import Ground
from matching.problem import Bond
from matching.target import Standing
from office.words import Language, day, say

_STAGES: dict[Stage, str] = {
    Stage.TO_HANDLE: "to handle",
    Stage.AGAIN: "to contact again",
    Stage.WAITING: "waiting",
    Stage.DONE: "done",
}

_WHOSE: dict[Whose, str] = {
    Whose.MINE: "my cases",
    Whose.NOBODYS: "not taken yet",
    Whose.BOTH: "both",
}

_ANSWERS: dict[ContactStatus, str] = {
    ContactStatus.SENT: "proposal sent",
    ContactStatus.APPLIED: "applied",
    ContactStatus.INTERVIEW: "interview",
    ContactStatus.CONTRACT: "training contract",
    ContactStatus.STARTED: "training has begun",
    ContactStatus.DECLINED: "declined",
    ContactStatus.WITHDRAWN: "application withdrawn",
    ContactStatus.UNKNOWN: "no answer known",
}

_DECLINERS: dict[Decliner, str] = {
    Decliner.SEEKER: "the person declined",
    Decliner.EMPLOYER: "the firm declined",
}

_REASONS: dict[DeclineReason, str] = {
    DeclineReason.FILLED: "filled already",
    DeclineReason.CERTIFICATE: "certificate or marks",
    DeclineReason.NO_SHOW: "did not come",
    DeclineReason.NO_FIT: "does not fit",
    DeclineReason.OTHER_OFFER: "has another offer",
    DeclineReason.WAY: "the way is too far",
    DeclineReason.OCCUPATION: "wants another occupation",
    DeclineReason.TERMS: "pay or working hours",
    DeclineReason.OTHER: "another reason",
}

_FITS = {1: "fits very well", 2: "fits well", 3: "fits less well", 4: "does not fit at all"}

_SCORES: dict[Scores, str] = {
    Scores.AFTER: "after my own judgement",
    Scores.SHOWN: "always",
    Scores.OFF: "never: lists without chances",
}

_RULINGS: dict[Bond | None, str] = {
    Bond.PIN: "settle on this place",
    Bond.BAN: "rule this place out",
    None: "lift what was decided",
}

_RULED: dict[Bond | None, str] = {
    Bond.PIN: "settled on",
    Bond.BAN: "ruled out",
    None: "lifted",
}

_PROPOSALS: dict[str, str] = {
    "proposed": "in the plan, not sent yet",
    "sent": "sent",
    "accepted": "the person is applying",
    "declined": "declined",
    "contract": "training contract",
    "started": "training has begun",
    "withdrawn": "withdrawn",
}

_STANDINGS: dict[Standing, str] = {
    Standing.LOOKING: "is looking",
    Standing.STARTED: "has begun a training",
    Standing.OWN_FIND: "found a place alone",
    Standing.SCHOOL_BASED: "is in training at a vocational school",
    Standing.INTERESTED: "on record, not registered",
    Standing.WITHDRAWN: "looks no longer",
    Standing.UNKNOWN: "whereabouts not known",
}

#: What the program itself writes down as the reason of a step.
_OWN_REASONS = {
    ANSWERED: "answer written down",
    TAKEN_BACK: "taken back",
    "drawn": "plan drawn",
}

_GROUNDS = {"law": "by law", "consent": "consent", "none": "none"}


def occupation_words(kldb: str | None, title: str | None = None) -> str:
    """An occupation by its code, else as the firm wrote it."""
    if kldb is not None and kldb.isdecimal():
        return title_of(kldb)
    return kldb or title or "\N{EN DASH}"


def short_day(on: date, language: Language) -> str:
    """A day in few letters, for a list: 24.11.2026."""
    return f"{on:%d.%m.%Y}" if language == "de" else f"{on.day} {on:%b %Y}"


def stage_words(stage: Stage, language: Language) -> str:
    """What there is to do."""
    return say(_STAGES[stage], language)


def whose_words(whose: Whose, language: Language) -> str:
    """Which cases are listed."""
    return say(_WHOSE[whose], language)


def answer_words(status: ContactStatus, language: Language) -> str:
    """How far it has come."""
    return say(_ANSWERS[status], language)


def decliner_words(decliner: Decliner, language: Language) -> str:
    """Who said no."""
    return say(_DECLINERS[decliner], language)


def decline_words(reason: DeclineReason, language: Language) -> str:
    """Why somebody said no."""
    return say(_REASONS[reason], language)


def contact_words(line: ContactLine, language: Language) -> str:
    """What happened, and of a refusal by whom and why as far as somebody said."""
    words = [answer_words(line.status, language)]
    if line.declined_by is not None:
        words.append(decliner_words(line.declined_by, language))
    if line.reason is not None:
        words.append(decline_words(line.reason, language))
    return ", ".join(words)


def fit_words(fit: int, language: Language) -> str:
    """How well a place fits, in a counselor's own eyes."""
    return say(_FITS[fit], language)


def scores_words(scores: Scores, language: Language) -> str:
    """When chances are shown."""
    return say(_SCORES[scores], language)


def ruling_words(bond: Bond | None, language: Language) -> str:
    """What can be decided about a pair."""
    return say(_RULINGS[bond], language)


def ruled_words(bond: Bond | None, language: Language) -> str:
    """What was decided about a pair."""
    return say(_RULED[bond], language)


def proposal_words(status: str, language: Language) -> str:
    """Where a proposal of the plan stands."""
    return say(_PROPOSALS[status], language)


def case_standing_words(standing: Standing, language: Language) -> str:
    """How a person stands in the season."""
    return say(_STANDINGS[standing], language)


def step_reason_words(reason: str, language: Language) -> str:
    """Why a proposal came further: what somebody wrote, or our own words where none did."""
    return say(_OWN_REASONS[reason], language) if reason in _OWN_REASONS else reason


def ground_of_law_words(ground: Ground | None, language: Language) -> str:
    """On what legal ground a person is matched, since when, and whether it was withdrawn."""
    if ground is None:
        return say("none", language)
    words = say(_GROUNDS[ground.kind], language)
    if ground.withdrawn_at is not None:
        withdrawn = day(ground.withdrawn_at.date(), language)
        return say("{ground}, withdrawn on {day}", language, ground=words, day=withdrawn)
    if ground.given_on is not None:
        given = day(ground.given_on, language)
        return say("{ground} of {day}", language, ground=words, day=given)
    return words
