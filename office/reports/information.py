"""What do pupils and parents get to read? What is kept, why, how long, and their rights.

Follows Art. 13 and 14 GDPR point by point: who is responsible, purpose and ground, what is kept and
where it comes from, who gets it, how long, rights, complaint; and Art. 26(11) of the AI Act. How
long is taken from the very terms that the deleting job goes by (`data.store.retention`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from data.store.retention import TERMS, Term
from office.reports.letter import Sender
from office.reports.paper import Box, Column, Heading, Paper, Points, Table, Text, pdf, pictures
from office.words import Language, number, say


@dataclass(frozen=True, slots=True)
class Information:
    """What an office fills into the sheet.

    `law` names what allows the office to keep the data where nobody has to agree (a law of the
    state or the ordinance of the district); `officer` is how the data protection officer is
    reached.
    """

    sender: Sender
    on: date
    officer: str
    law: str | None = None
    invented: bool = False


#: What is kept, and what for.
_KEPT = (
    ("Name, date of birth, address, phone and e-mail", "to reach you, and to mix nobody up"),
    (
        "School, class, certificate (expected), end of compulsory school",
        "to know where you may start, and when",
    ),
    (
        "Wishes for occupations, how far you would travel, earlier applications",
        "to find places that suit you",
    ),
    ("Marks, if the school hands them in", "for counseling; the AI system doesn't use them"),
    ("Proposals, applications and their outcome", "to go on helping until it has worked out"),
    ("Your consent and who decided what, when", "so that all of it can be checked later"),
)

#: How long each class of data is kept: its term, and what it is in words.
_CLASSES = (
    ("people", "Your data, if you have found no place: after the end of your last season"),
    ("placed_people", "Your data, if you have a contract: after the end of your last season"),
    ("withdrawn", "Your data, if you take your consent back"),
    ("waiting_rows", "Rows of a school's list that could not be read for sure"),
    ("runs", "Records of how proposals came about, without names"),
)


def information_pdf(
    given: Information, language: Language, terms: Mapping[str, Term] = TERMS
) -> bytes:
    """The sheet as a tagged PDF."""
    return pdf(information_paper(given, language, terms))


def information_pictures(given: Information, language: Language) -> tuple[bytes, ...]:
    """The sheet's pages as PNG."""
    return pictures(information_paper(given, language, TERMS))


def information_paper(
    given: Information, language: Language, terms: Mapping[str, Term] = TERMS
) -> Paper:
    """The sheet as blocks."""
    sender = given.sender
    title = say("How we use your data in the search for a training place", language)
    blocks = (
        Box(
            say(
                "We help young people to find a training place. For that we keep some facts "
                "about you. A computer program compares them with open places; people decide. "
                "You may say no.",
                language,
            ),
            say("In short.", language),
        ),
        Heading(say("What we keep, and what for", language)),
        Table(
            (
                Column(say("what", language), width=1.2),
                Column(say("what for", language), width=1),
            ),
            tuple((say(what, language), say(why, language)) for what, why in _KEPT),
        ),
        Text(
            say(
                "Most of it comes from your school's list or from you. Everything else in the "
                "list is dropped before it is stored. We never keep religion, nationality, origin, "
                "sex, disability or health, and they play no part in any proposal.",
                language,
            )
        ),
        Heading(say("What allows us to", language)),
        Text(_ground(given, language)),
        Heading(say("Who gets to see it", language)),
        Points(
            (
                (say("Your counselor:", language), say("what is needed to help you.", language)),
                (say("Your school:", language), say("its own pupils, nobody else's.", language)),
                (
                    say("Firms:", language),
                    say("a cipher; your name only once you have agreed.", language),
                ),
                (
                    say("The district's planners and committees:", language),
                    say("numbers, never of fewer than five people.", language),
                ),
            )
        ),
        Text(
            say(
                "Nothing leaves our house on other ways: no cloud, no sale, no advertising.",
                language,
            )
        ),
        Heading(say("How long we keep it", language)),
        Table(
            (
                Column(say("what", language), width=3),
                Column(say("deleted after", language), "right"),
            ),
            tuple(
                (say(words, language), _length(terms[name], language)) for name, words in _CLASSES
            ),
        ),
        Text(
            say("After that only numbers are left, in which nobody can be found.", language),
        ),
        Heading(say("What the AI system does", language)),
        Text(
            say(
                "It estimates for each place how likely a training contract is, from wishes, way, "
                "certificate, earlier applications and proposals, firm and occupation, by fixed "
                "weights or by what became of earlier proposals in the district, and proposes "
                "who might go where so that as many as possible find a place. A counselor looks at "
                "every proposal and decides; no place that you may take is hidden from you. The "
                "system counts as high-risk (Annex III of the EU regulation 2024/1689), therefore "
                "we tell you about it (Art. 26(11)), and you may have its role explained "
                "(Art. 86).",
                language,
            )
        ),
        Heading(say("Your rights", language)),
        Points(_rights(given, language)),
        Heading(say("Whom to ask", language)),
        Text(
            say(
                "Responsible: {office}, {street}, {town}, phone {phone}, {email}. Data protection "
                "officer: {officer}.",
                language,
                office=sender.office,
                street=sender.street,
                town=sender.town,
                phone=sender.phone,
                email=sender.email,
                officer=given.officer,
            )
        ),
    )
    foot = sender.office
    if given.invented:
        foot = f"{foot} · {say('invented sample', language)}"
    subtitle = say("Information for pupils and parents (Art. 13 and 14 GDPR)", language)
    return Paper(title, language, given.on, sender.office, foot, blocks, subtitle=subtitle)


def _ground(given: Information, language: Language) -> str:
    agreed = say(
        "Your consent (Art. 6(1)(a) GDPR); whoever can't consent alone yet does so together with "
        "their parents. It is free, and a no has no drawbacks at school.",
        language,
    )
    if given.law is None:
        rest = say(
            "Or a task of your school by law (Art. 6(1)(e) GDPR): your school tells you which of "
            "the two it is. Without either nobody is matched.",
            language,
        )
    else:
        words = "Or a task by law (Art. 6(1)(e) GDPR): {law}."
        rest = say(words, language, law=given.law)
    return f"{agreed} {rest}"


def _rights(given: Information, language: Language) -> tuple[tuple[str, str], ...]:
    rights = (
        ("See it:", "we tell you all that we keep of you (Art. 15 GDPR)."),
        ("Correct it:", "what is wrong is mended, and proposals are drawn anew (Art. 16)."),
        ("Delete it:", "we delete all that we keep of you (Art. 17)."),
        ("Take it with you:", "you get your data as a file (Art. 20)."),
        ("Object:", "then only people look after you, without the AI system (Art. 21)."),
        ("Take back your consent:", "at any time; from then on nobody matches you (Art. 7(3))."),
        (
            "Complain:",
            "to the Landesbeauftragte für Datenschutz und Informationsfreiheit "
            "Nordrhein-Westfalen, www.ldi.nrw.de (Art. 77).",
        ),
    )
    return tuple((say(lead, language), say(words, language)) for lead, words in rights)


def _length(term: Term, language: Language) -> str:
    if term.months:
        return say("{count} months", language, count=number(term.months, language))
    return say("{count} days", language, count=number(term.days, language))
