"""How is a right said, and how that somebody lacks it?"""

from __future__ import annotations

from matching.errors import Refused
from office.access import Right
from office.words import Language, say

#: What somebody may do by a right; after "to".
_RIGHTS: dict[Right, str] = {
    Right.HAND_IN_PUPILS: "hand in lists of pupils",
    Right.HAND_IN_PLACES: "hand in training places",
    Right.HAND_IN_OUTCOMES: "hand in what became of people",
    Right.HAND_IN_CONTACTS: "hand in contacts between people and firms",
    Right.SEE_IMPORTS: "see what was handed in",
    Right.UNDO_IMPORTS: "take back what was handed in",
    Right.SEE_WAITING_ROWS: "see rows that wait for a correction",
    Right.SETTLE_WAITING_ROWS: "correct rows that wait or leave them out",
    Right.SETTLE_DUPLICATES: "say which records are one person",
    Right.SETTLE_TITLES: "say which occupation a title means",
    Right.TAKE_TEMPLATE: "take the template and the information sheet",
    Right.DRAW_PLANS: "draw plans",
    Right.SEE_PLANS: "see plans and decisions",
    Right.PUBLISH_PLANS: "put a plan in force",
    Right.SEE_TARGET: "see how the season stands",
    Right.MONITOR_DECISIONS: "see how proposals are handled",
    Right.PROPOSE: "send proposals",
    Right.RULE: "pin people to places or rule pairs out",
    Right.SEE_RUNS: "see kept runs and draw them again",
    Right.SEE_CASELOAD: "see a work list",
    Right.KEEP_CASES: "look after people",
    Right.HAND_OVER_CASES: "hand cases over",
    Right.SEE_PERSON: "open the file of a person",
    Right.RECORD_CONTACT: "record contacts and answers",
    Right.WRITE_LETTERS: "write letters and lists for firms",
    Right.SET_SENDER: "say how the office signs",
    Right.SEE_PUPILS: "see pupils by name",
    Right.CORRECT_PUPILS: "correct pupils",
    Right.EXPORT_PEOPLE: "take lists of people out of the house",
    Right.REPORT_PERSON: "see all that is held of a person",
    Right.WITHDRAW_PERSON: "take back the legal basis of a person",
    Right.FORGET_PERSON: "delete a person",
    Right.CHECK_LOG: "check the log",
    Right.RUN_RETENTION: "delete what is beyond its term",
    Right.BACK_UP: "make a backup",
    Right.RESTORE: "bring a backup back",
    Right.SET_REFERENCE: "import tables of occupations and shapes",
    Right.KEEP_USERS: "keep users and roles",
    Right.SET_SWITCHES: "set the switches of the house",
    Right.SEE_MODELS: "see where chances come from",
    Right.KEEP_MODELS: "take models of chances in and put one in force",
    Right.SWITCH_TO_MANUAL: "switch chances off and on",
}


def right_words(right: Right, language: Language) -> str:
    """What somebody may do by a right."""
    return say(_RIGHTS[right], language)


def denied_words(refusal: Refused, language: Language) -> str:
    """That somebody may not do what they asked for, and whom to ask."""
    told = _RIGHTS.get(Right(refusal.right)) if refusal.right in set(Right) else None
    if told is None:
        return say("You may not do this. Please ask the administrator.", language)
    what = say(told, language)
    if refusal.school is None:
        words = "You may not do this here: {what}. Please ask the administrator."
        return say(words, language, what=what)
    words = "You may not do this for school {school}: {what}. Please ask the administrator."
    return say(words, language, what=what, school=refusal.school)
