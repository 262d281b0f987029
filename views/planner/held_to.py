"""What may a plan be held to? The words beside what it promises, where chances were learned."""

from __future__ import annotations

from office.held_to import HeldTo
from office.words import Language, number, say


def held_words(held: HeldTo | None, reader: Language) -> tuple[str, ...]:
    """One sentence beside the expected placements; none for stated weights."""
    if held is None:
        return ()
    words = (
        "Of the {raw} expected placements {honest} may be held to: a plan picks what looks best, "
        "and some of it looks best by luck. "
        "Depending on the season it is {low} to {high} in nine of ten cases."
    )
    figures = {"raw": held.raw, "honest": held.honest, "low": held.low, "high": held.high}
    return (say(words, reader, **{name: number(one, reader) for name, one in figures.items()}),)
