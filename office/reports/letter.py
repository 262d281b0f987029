"""What does a person get by post? The places proposed, why, who decided, and how to object.

One page for up to three places. It tells that an AI system was used (AI Act Art. 26(11)), what for
and from which facts, that a named person decided, and the rights to an explanation (AI Act
Art. 86) and to object (GDPR Art. 21; law.md: whoever objects is looked after by people alone).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from data.reference.certificates import certificate_title
from matching.errors import Fault, FaultyInput, Rule
from matching.problem import Certificate
from office.reports.paper import (
    Address,
    Block,
    Heading,
    Paper,
    Points,
    Signature,
    Text,
    pdf,
    pictures,
)
from office.words import Language, day, number, say


class Helped(StrEnum):
    """How far a system had a hand in a proposal: it rated places, only sorted them, or did nothing.

    It rated them by stated weights or, `LEARNED`, by what became of earlier proposals. It did
    nothing where the person objected to it.
    """

    RATED = "rated"
    LEARNED = "learned"
    SORTED = "sorted"
    NOT_AT_ALL = "not_at_all"


@dataclass(frozen=True, slots=True)
class Sender:
    """The office that writes: its name and how it can be reached.

    `officer` is how its data protection officer is reached, where that is not by its own `email`.
    """

    office: str
    street: str
    town: str
    phone: str
    email: str
    officer: str = ""

    @property
    def line(self) -> str:
        """The office in one line, for the window of an envelope."""
        return " · ".join((self.office, self.street, self.town))


@dataclass(frozen=True, slots=True)
class Proposed:
    """One place proposed, and what speaks for it; `None` where that is not so or not known.

    `wished` is the rank of the wish for just this occupation, `near_wish` an occupation wished that
    is like it; `minutes` one way; `asked` the certificate that the employer asks for at least, and
    `starts` the first day. `words` are the counselor's own. `decided_by` and `decided_on` are who
    decided and when, where that is not as in the letter.
    """

    occupation: str
    employer: str | None = None
    where: str | None = None
    starts: date | None = None
    wished: int | None = None
    near_wish: str | None = None
    minutes: float | None = None
    asked: Certificate | None = None
    words: str = ""
    decided_by: str | None = None
    decided_on: date | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter to one person: who wrote it, to whom, who decided and when, and the places.

    `decided_by` is the `counselor` unless somebody else is named; `left_out` counts proposals for
    which there is no room.

    Raises `FaultyInput` (`VALUE_MISSING`) without a named counselor, a recipient or a place: nobody
    gets a proposal that no person stands for.
    """

    sender: Sender
    reference: str
    on: date
    to: str
    address: tuple[str, ...]
    counselor: str
    decided_on: date
    places: tuple[Proposed, ...]
    invented: bool = False
    helped: Helped = Helped.RATED
    decided_by: str = ""
    left_out: int = 0

    def __post_init__(self) -> None:
        needed = {"counselor": self.counselor.strip(), "to": self.to.strip(), "places": self.places}
        faults = [Fault(Rule.VALUE_MISSING, column=name) for name, is_said in needed.items()
                  if not is_said]  # fmt: skip
        if faults:
            raise FaultyInput(tuple(faults))


def letter_pdf(letter: Letter, language: Language) -> bytes:
    """The letter as a tagged PDF."""
    return pdf(letter_paper(letter, language))


def letter_pictures(letter: Letter, language: Language) -> tuple[bytes, ...]:
    """The letter's pages as PNG, to look at before it goes out."""
    return pictures(letter_paper(letter, language))


def letter_paper(letter: Letter, language: Language) -> Paper:
    """The letter as blocks."""
    sender = letter.sender
    title = say("Our proposal for your training", language)
    if len(letter.places) > 1:
        title = say("Our proposals for your training", language)
    facts = (
        (say("Date", language), day(letter.on, language)),
        (say("Our reference", language), letter.reference),
        (say("Your counselor", language), letter.counselor),
        (say("Phone", language), sender.phone),
        (say("E-mail", language), sender.email),
    )
    blocks: tuple[Block, ...] = (
        Address(sender.line, (letter.to, *letter.address), facts),
        Heading(title),
        Text(say("Good day {name},", language, name=letter.to)),
        Text(_opening(letter, language)),
        Points(tuple(_place(place, language) for place in letter.places), numbered=True),
        *_left_out(letter, language),
        Text(
            say(
                "Does a place suit you? Then call or write to me, and we'll prepare your "
                "application together. If none does, tell me too: then I'll go on looking with "
                "you.",
                language,
            )
        ),
        Heading(say("How this proposal came about", language), 2),
        Text(" ".join((_made_by(letter, language), *_decided_otherwise(letter, language)))),
        Heading(say("Your rights", language), 2),
        Text(_rights(letter, language)),
        Signature(say("Kind regards", language), letter.counselor, sender.office),
    )
    foot = f"{sender.office} · {letter.reference}"
    if letter.invented:
        foot = f"{foot} · {say('invented sample', language)}"
    return Paper(title, language, letter.on, sender.office, foot, blocks, titled=False)


def _opening(letter: Letter, language: Language) -> str:
    if len(letter.places) == 1:
        return say("You are looking for a training place. I propose this one to you:", language)
    return say("You are looking for a training place. I propose these to you:", language)


def _left_out(letter: Letter, language: Language) -> tuple[Text, ...]:
    if not letter.left_out:
        return ()
    words = "Further proposals that are not in this letter: {count}."
    return (Text(say(words, language, count=number(letter.left_out, language))),)


def _place(place: Proposed, language: Language) -> tuple[str, str]:
    """A place in bold, then what speaks for it."""
    named = ", ".join(filter(None, (place.occupation, place.employer, place.where)))
    return f"{named}.", " ".join(reasons_for(place, language))


def reasons_for(place: Proposed, language: Language) -> list[str]:
    """What speaks for a place, a sentence each, to the person."""
    reasons = []
    if place.wished == 1:
        reasons.append(say("You named this occupation as your first wish.", language))
    elif place.wished is not None:
        words = "You named this occupation as wish no. {rank}."
        reasons.append(say(words, language, rank=place.wished))
    elif place.near_wish is not None:
        words = "It is like an occupation that you wish for ({wish})."
        reasons.append(say(words, language, wish=place.near_wish))
    if place.minutes is not None:
        minutes = number(max(5, 5 * round(place.minutes / 5)), language)
        reasons.append(say("The way takes about {minutes} minutes.", language, minutes=minutes))
    if place.asked is Certificate.NONE:
        reasons.append(say("The employer asks for no certain certificate.", language))
    elif place.asked is not None:
        words = "Your certificate suffices: the employer asks for {asked}."
        asked = _quoted(certificate_title(place.asked), language)
        reasons.append(say(words, language, asked=asked))
    if place.starts is not None:
        reasons.append(say("Start: {day}.", language, day=day(place.starts, language)))
    if place.words:
        reasons.append(place.words)
    return reasons


def _quoted(words: str, language: Language) -> str:
    return f"„{words}“" if language == "de" else f"“{words}”"


def _made_by(letter: Letter, language: Language) -> str:
    decider = letter.decided_by or letter.counselor
    facts = {"counselor": decider, "day": day(letter.decided_on, language)}
    if letter.helped is Helped.NOT_AT_ALL:
        return say(
            "You objected to the use of an AI system: {counselor} looked for this proposal "
            "without one and decided on {day}.",
            language,
            **facts,
        )
    if letter.helped is Helped.SORTED:
        return say(
            "An AI system helped: it compared all open places with your wishes, certificate, age, "
            "the end of your compulsory school, your postcode and how far you would travel. It "
            "knows nothing of sex, origin, religion or health. It doesn't decide: {counselor} "
            "looked at the proposal and decided on {day}. We tell you so because Article 26(11) "
            "of the EU regulation on artificial intelligence (2024/1689) asks for it.",
            language,
            **facts,
        )
    if letter.helped is Helped.LEARNED:
        return say(
            "An AI system helped: it compared all open places with your wishes, certificate, age, "
            "the end of your compulsory school, your postcode, how far you would travel, whether "
            "you applied in an earlier year and how many proposals you had this season, and "
            "estimated how likely a training contract is, from what became of earlier proposals in "
            "the district. It knows nothing of sex, origin, religion or health. It doesn't decide: "
            "{counselor} looked at the proposal and decided on {day}. We tell you so because "
            "Article 26(11) of the EU regulation on artificial intelligence (2024/1689) asks for "
            "it.",
            language,
            **facts,
        )
    return say(
        "An AI system helped: it compared all open places with your wishes, certificate, age, the "
        "end of your compulsory school, your postcode, how far you would travel and whether you "
        "applied in an earlier year, and estimated how likely a training contract is. It knows "
        "nothing of sex, origin, religion or health. It doesn't decide: {counselor} looked at the "
        "proposal and decided on {day}. We tell you so because Article 26(11) of the EU "
        "regulation on artificial intelligence (2024/1689) asks for it.",
        language,
        **facts,
    )


def _decided_otherwise(letter: Letter, language: Language) -> list[str]:
    """Who decided on each place where that is somebody else, or was on another day."""
    as_said = letter.decided_by or letter.counselor, letter.decided_on
    said = []
    for rank, place in enumerate(letter.places, 1):
        by, on = place.decided_by or as_said[0], place.decided_on or as_said[1]
        if (by, on) != as_said:
            words = "On place no. {rank} {counselor} decided on {day}."
            said.append(say(words, language, rank=rank, counselor=by, day=day(on, language)))
    return said


def _rights(letter: Letter, language: Language) -> str:
    return say(
        "You may object to the use of the AI system at any time (Art. 21 GDPR): a call, an e-mail "
        "or a letter to the address above is enough; then only people look after you. You may have "
        "the role of the system explained (Art. 86 of the regulation on artificial intelligence), "
        "see what we keep of you and have it corrected or deleted (Art. 15 to 17 GDPR). Complaints "
        "go to the Landesbeauftragte für Datenschutz und Informationsfreiheit "
        "Nordrhein-Westfalen (www.ldi.nrw.de).",
        language,
    )
