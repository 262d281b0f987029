"""How is a name written, and how does it sound? One spelling for the many that a list may use.

Two lists write the same name as Müller, Mueller, MULLER or Muller, the same street as Hauptstraße,
Haupt-Str. or Hauptstr. Here all of these become one word; what is still different then was
mistyped, or is another name.
"""

from __future__ import annotations

import re
import unicodedata

#: Longer than any name or street; what a hostile file writes beyond it is not looked at.
_LONGEST = 200

#: Letters that Unicode does not take apart into a plain letter and a mark; apostrophes vanish.
_LETTERS = str.maketrans(
    {"ı": "i", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "æ": "a", "œ": "o", "þ": "th"}
    | dict.fromkeys("'’ʼ`´", "")
)

# Not in Bauer, Neuer and Enrique, where the u does not belong to the e.
_UMLAUT = re.compile(r"(?<![aeq])([aou])e")
_BREAK = re.compile(r"[\W\d_]+")
_HOUSE = re.compile(r"(\d+)\s*[a-z]?(?:\s*[-/+]\s*\d+\s*[a-z]?)?\s*$", re.IGNORECASE)

#: The small words before a surname: German, Dutch, Romance, Arabic, Turkish and Scandinavian ones.
PARTICLES = frozenset(
    {"von", "vom", "van", "vander", "zu", "zum", "zur", "der", "den", "dem", "ter", "ten", "de"}
    | {"del", "della", "di", "da", "dos", "das", "du", "la", "le", "el", "al", "ul", "bin", "ibn"}
    | {"af", "av"}
)


def words_of(text: str) -> tuple[str, ...]:
    """The words of a name in small letters without marks: `Groß-Müller` is gross, muller.

    ä, ae and a are one, as are ö, oe, o and ü, ue, u; ß is ss; accents and apostrophes go. Letters
    of other scripts stay as they are.
    """
    plain = unicodedata.normalize("NFKD", text[:_LONGEST]).casefold().translate(_LETTERS)
    marked = unicodedata.normalize("NFKD", plain)
    bare = "".join(letter for letter in marked if not unicodedata.combining(letter))
    return tuple(word for word in _BREAK.split(_UMLAUT.sub(r"\1", bare)) if word)


def surname_words(text: str) -> tuple[str, ...]:
    """The words of a surname, in the order of the alphabet and without von, van, de, el and so on.

    A particle stays where the name is nothing else.
    """
    words = words_of(text)
    return tuple(sorted(word for word in words if word not in PARTICLES) or words)


def street_of(text: str) -> tuple[str, int]:
    """The street as one word, and the house number; 0 where there is none.

    Letters behind the number and the end of a range are left out: 5a and 5-7 are 5.
    """
    name, house = house_of(text)
    return street_word(name), house


def house_of(text: str) -> tuple[str, int]:
    """What stands before the house number, as it is written, and the number as in `street_of`."""
    text = text[:_LONGEST]
    house = _HOUSE.search(text)
    return (text[: house.start()], int(house.group(1)[:6])) if house else (text, 0)


def street_word(name: str) -> str:
    """A street's name as one word."""
    return "".join(words_of(name)).replace("strasse", "str")


def sound_of(word: str) -> str:
    """How a word sounds in German, as digits; the word itself where no letter has a sound.

    Kölner Phonetik (H. J. Postel, Die Kölner Phonetik, IBM-Nachrichten 19, 1969, 925-931), of a
    word as `words_of` writes it.
    """
    padded = f" {word} "
    sounds = "".join(
        _SOUNDS[letter] if letter in _SOUNDS else _sound(*padded[place - 1 : place + 2])
        for place, letter in enumerate(word, start=1)
    )
    single = re.sub(r"(.)\1+", r"\1", sounds)
    return single[:1] + single[1:].replace("0", "") or word


_SOUNDS = {
    **dict.fromkeys("aeijouy", "0"),
    "b": "1",
    **dict.fromkeys("fvw", "3"),
    **dict.fromkeys("gkq", "4"),
    "l": "5",
    **dict.fromkeys("mn", "6"),
    "r": "7",
    **dict.fromkeys("sz", "8"),
}


def _sound(before: str, letter: str, after: str) -> str:
    match letter:
        case "p":
            return "3" if after == "h" else "1"
        case "d" | "t":
            return "8" if after in "csz" else "2"
        case "x":
            return "8" if before in "ckq" else "48"
        case "c" if before == " ":
            return "4" if after in "ahkloqrux" else "8"
        case "c":
            return "4" if before not in "sz" and after in "ahkoqux" else "8"
    return ""
