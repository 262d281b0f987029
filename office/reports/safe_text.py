"""What of a text may stand in a paper? Letters, figures and signs that are sure to be printed.

Whatever people typed or a file brought goes onto paper as text alone. Latin, Greek and Cyrillic
letters are kept, as the registers of persons write names (DIN 91379); signs that steer (line ends,
marks of the direction of writing, NUL) become spaces or go; what the built-in fonts can't show
becomes an empty box, which a reader sees and mends, instead of a paper that can't be made.
"""

from __future__ import annotations

import unicodedata

#: Stands for what can't be printed.
BOX = "\N{WHITE SQUARE}"

#: What is printed: blocks of Unicode, first and last. Tried with every sign in them.
_BLOCKS = (
    (0x20, 0x7E),  # ASCII
    (0xA0, 0x2FF),  # Latin, phonetic and spacing letters
    (0x370, 0x3FF),  # Greek
    (0x400, 0x4FF),  # Cyrillic
    (0x1E00, 0x1EFF),  # Latin with further marks
    (0x2010, 0x2027),  # dashes and quotation marks
    (0x202F, 0x202F),  # narrow no-break space
    (0x2030, 0x203A),  # per mille, primes, angle quotation marks
    (0x20AC, 0x20AC),  # euro
    (0x2212, 0x2212),  # minus
    (0x2264, 0x2265),  # at most, at least
    (0x25A1, 0x25A1),  # the box
)

#: The marks that a Latin letter may bear: accents, dots, tails.
_MARKS = (0x300, 0x36F)


def printable(text: str) -> str:
    """The text in one line, composed, with a box for each sign that can't be printed."""
    kept: list[str] = []
    for sign in unicodedata.normalize("NFC", text):
        category = unicodedata.category(sign)
        if category.startswith("M"):
            # A mark stands on one Latin letter, and no more than one mark on each.
            on_latin = bool(kept) and unicodedata.name(kept[-1], "").startswith("LATIN")
            if on_latin and _MARKS[0] <= ord(sign) <= _MARKS[1]:
                kept.append(sign)
        elif category in {"Cc", "Zl", "Zp"}:
            kept.append(" ")
        elif category != "Cf":
            kept.append(sign if _is_known(sign) else BOX)
    return " ".join("".join(kept).split(" ")).strip()


def _is_known(sign: str) -> bool:
    is_assigned = unicodedata.category(sign) != "Cn"
    return is_assigned and any(first <= ord(sign) <= last for first, last in _BLOCKS)
