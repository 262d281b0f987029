"""Who may be listed twice? Pairs to look at side by side, for whoever rules on them."""

from __future__ import annotations

from data.store.double_looks import Pair, Side, compared, pairs
from data.store.export import Purpose
from office.access import Right, User, asks
from office.waiting_desk import WaitingDesk

__all__ = ["DoublesDesk", "Pair", "Purpose", "Side"]


class DoublesDesk(WaitingDesk):
    """The part of the desk where two records are held beside each other."""

    @asks(Right.SETTLE_DUPLICATES)
    def pairs(
        self, by: User, *, decided: bool = False, start: int = 0, count: int = 25
    ) -> tuple[int, tuple[Pair, ...]]:
        """How many pairs wait for a ruling (or were ruled on), and some of them; nobody's name."""
        return pairs(self.store, decided=decided, start=start, count=count)

    @asks(Right.SETTLE_DUPLICATES)
    def compare(self, one: str, other: str, purpose: Purpose, by: User) -> tuple[Side, ...]:
        """Both records of a pair with names, for a purpose; this is logged."""
        return compared(self.store, one, other, by.name, purpose)
