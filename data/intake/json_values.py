"""What does a JSON file hold? Its value, unless it is too large or too deep to be looked at."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from functools import lru_cache

from data.intake.guard import guarded_content, guarded_json, refused
from data.intake.reading import Source, Upload
from matching.errors import Fault, FaultyInput, Rule

Json = dict[str, "Json"] | list["Json"] | str | int | float | bool | None

_HEAD = 4096


def is_json(source: Source) -> bool:
    """Whether a file begins as JSON does; raises `FaultyInput` for one that can't be opened."""
    return start_of(source)[:1] in (b"{", b"[")


def start_of(source: Source) -> bytes:
    """The first bytes of a file that say something."""
    if isinstance(source, Upload):
        start = source.content[:_HEAD]
    else:
        # A pipe would make us wait for ever.
        if source.exists() and not source.is_file():
            raise refused(Rule.FILE_UNREADABLE, source)
        try:
            # A pipe would make us wait for ever.
            if source.exists() and not source.is_file():
                raise refused(Rule.FILE_UNREADABLE, source)
            with source.open("rb") as file:
                start = file.read(_HEAD)
        except FileNotFoundError:
            raise refused(Rule.FILE_MISSING, source) from None
        except (OSError, ValueError):
            raise refused(Rule.FILE_UNREADABLE, source) from None
    return start.removeprefix(codecs.BOM_UTF8).lstrip()


def json_of(source: Source) -> Json:
    """The value that a file in UTF-8 holds.

    Raises `FaultyInput` for a file that is no JSON, is nested too deep, or that the guard refuses.
    """
    content = guarded_json(source, guarded_content(source)[1])
    try:
        value: Json = json.loads(content)
    except (ValueError, RecursionError):
        raise FaultyInput((Fault(Rule.FILE_UNREADABLE, str(source)),)) from None
    return value


@lru_cache(maxsize=4096)
def plain_key(key: str) -> str:
    """A key without capitals and the signs between its words."""
    return key.casefold().replace("_", "").replace("-", "").rpartition(":")[2]


def with_plain_keys(value: Json) -> dict[str, Json]:
    """An object by its plain keys, the first of like ones; anything else has none."""
    plain: dict[str, Json] = {}
    for key, inner in value.items() if isinstance(value, dict) else ():
        plain.setdefault(plain_key(key), inner)
    return plain


def first_of(value: Json, *keys: str) -> Json:
    """The first of the keys that says something, deeper ones joined by a dot."""
    for key in keys:
        inner = value
        for part in key.split("."):
            if isinstance(inner, list):
                inner = next(iter(inner), None)
            inner = with_plain_keys(inner).get(part)
        if inner not in (None, "", [], {}):
            return inner
    return None


def text_of(value: Json) -> str | None:
    """A word, a number or a flag as text; nothing else is a cell. The first of a list counts."""
    if isinstance(value, list):
        value = next(iter(value), None)
    if isinstance(value, bool):
        return "ja" if value else "nein"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, str | int | float) else None


def first_text(value: Json, *keys: str) -> str | None:
    """The text of the first key that has one; see `first_of`."""
    texts = (text_of(first_of(value, key)) for key in keys)
    return next((text for text in texts if text), None)


def listed(value: Json) -> Iterator[Json]:
    """The items of a list; anything else is one item, and nothing is none."""
    if isinstance(value, list):
        yield from value
    elif value is not None:
        yield value
