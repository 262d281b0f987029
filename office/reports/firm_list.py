"""What does a firm get to see? People by cipher, and a name only where the person agreed.

A cipher is made for one firm: two firms that put their lists side by side can't tell who stands on
both. The order is that of the ciphers, so that it ranks nobody.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import date

from data.reference.certificates import certificate_title
from matching.errors import Fault, FaultyInput, Rule
from matching.problem import Certificate
from office.reports.letter import Sender
from office.reports.paper import Address, Box, Column, Heading, Paper, Table, Text, pdf, pictures
from office.words import Language, day, say

#: Signs that nobody mistakes for one another, read aloud or written by hand.
_SIGNS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def cipher(key: bytes, firm: str, pseudonym: str) -> str:
    """The person's cipher for this firm: eight signs, the same every time, no way back.

    Raises `ValueError` without a key: then whoever knows pseudonyms could find the cipher.
    """
    if not key:
        raise ValueError("a cipher needs a secret key")
    told = hmac.new(key, f"cipher\x00{firm}\x00{pseudonym}".encode(), hashlib.sha256).digest()
    signs = "".join(_SIGNS[byte % len(_SIGNS)] for byte in told[:8])
    return f"{signs[:4]}-{signs[4:]}"


@dataclass(frozen=True, slots=True)
class Introduced:
    """One person on a firm's list. The name is told only if they agreed to that, on a day."""

    cipher: str
    occupation: str
    certificate: Certificate | None = None
    free_from: date | None = None
    name: str | None = None
    agreed_on: date | None = None

    @property
    def told_name(self) -> str | None:
        """The name, if it may be told."""
        return None if self.agreed_on is None else self.name


@dataclass(frozen=True, slots=True)
class FirmList:
    """The list for one firm. Raises `FaultyInput` (`VALUE_MISSING`) without a named counselor."""

    sender: Sender
    reference: str
    on: date
    firm: str
    address: tuple[str, ...]
    counselor: str
    people: tuple[Introduced, ...]
    invented: bool = False

    def __post_init__(self) -> None:
        if not self.counselor.strip():
            raise FaultyInput((Fault(Rule.VALUE_MISSING, column="counselor"),))


def firm_list_pdf(given: FirmList, language: Language) -> bytes:
    """The list as a tagged PDF."""
    return pdf(firm_list_paper(given, language))


def firm_list_pictures(given: FirmList, language: Language) -> tuple[bytes, ...]:
    """The list's pages as PNG, to look at before it goes out."""
    return pictures(firm_list_paper(given, language))


def firm_list_paper(given: FirmList, language: Language) -> Paper:
    """The list as blocks."""
    sender = given.sender
    title = say("Young people for your training places", language)
    facts = (
        (say("Date", language), day(given.on, language)),
        (say("Our reference", language), given.reference),
        (say("Whom to ask", language), given.counselor),
        (say("Phone", language), sender.phone),
        (say("E-mail", language), sender.email),
    )
    blocks = (
        Address(sender.line, (given.firm, *given.address), facts),
        Heading(title),
        Text(say("Good day,", language)),
        Text(
            say(
                "We would like to introduce the following young people to you. They are on the "
                "list because they wish for the occupation or one like it, meet what you ask for "
                "and can reach you. If you want to get to know somebody, tell us the cipher: we "
                "then ask the person, and bring you together.",
                language,
            )
        ),
        _table(given, language),
        Text(say("The order is that of the ciphers; it is no ranking.", language), small=True),
        Box(
            say(
                "A name stands here only if the person agreed to that. Please use the list for "
                "filling your training places alone, don't pass it on, and delete it once they "
                "are filled (GDPR Art. 5(1)).",
                language,
            ),
            say("Confidential.", language),
        ),
        Text(
            say(
                "An AI system helped to draw up the proposals; {counselor} looked at them and "
                "decided.",
                language,
                counselor=given.counselor,
            ),
            small=True,
        ),
    )
    foot = f"{sender.office} · {given.reference} · {say('confidential', language)}"
    if given.invented:
        foot = f"{foot} · {say('invented sample', language)}"
    return Paper(title, language, given.on, sender.office, foot, blocks, titled=False)


def _table(given: FirmList, language: Language) -> Table:
    headings = ("Cipher", "Name", "Occupation", "School certificate", "Free from")
    widths = (None, 1.0, 1.7, 1.3, None)
    columns = tuple(
        Column(say(heading, language), width=width)
        for heading, width in zip(headings, widths, strict=True)
    )
    rows = tuple(
        (
            one.cipher,
            one.told_name or say("after consent", language),
            one.occupation,
            "\N{EN DASH}" if one.certificate is None else certificate_title(one.certificate),
            "\N{EN DASH}" if one.free_from is None else day(one.free_from, language),
        )
        for one in sorted(given.people, key=lambda one: one.cipher)
    )
    return Table(columns, rows)
