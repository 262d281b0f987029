"""Which right does each request to the desk ask for? What the method itself declares.

The matrix of the tests and `docs/rights.md` are made from here, so that neither forgets a method.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable

from office.access import Asked, asked_by

#: What needs no right: it opens or closes the desk, or names the season.
FREE = frozenset({"close", "season", "store"})


def requests(desk: type) -> dict[str, Callable[..., object]]:
    """Everything that may be asked of a desk: its public methods, inherited ones too."""
    return {
        name: getattr(desk, name)
        for name in dir(desk)
        if not name.startswith("_")
        and (name in FREE or inspect.isroutine(getattr(desk, name)) or _is_reckoned(desk, name))
    }


def _is_reckoned(desk: type, name: str) -> bool:
    """Whether an attribute runs code when it is looked at (`property` and its like)."""
    return hasattr(inspect.getattr_static(desk, name), "__get__")


def asked_of(desk: type) -> dict[str, Asked | None]:
    """The right of each request as it declares it; `None` where somebody forgot to."""
    return {name: asked_by(method) for name, method in requests(desk).items() if name not in FREE}
