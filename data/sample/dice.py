"""Which one is drawn? Draws from a seed that are the same on every machine and in every year.

NumPy promises that the raw stream of a bit generator never changes, and does not promise it for
what `Generator` makes of it (NEP 19). So the draws here use the raw 64-bit numbers and whole-number
arithmetic alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from numpy.random import PCG64

Thing = TypeVar("Thing")


class Dice:
    """Draws from one seed, one after the other."""

    def __init__(self, seed: int) -> None:
        self._bits = PCG64(seed)

    def below(self, count: int) -> int:
        """A whole number from 0 up to, not including, `count`."""
        return int(self._bits.random_raw()) * count >> 64

    def one_of(self, things: Sequence[Thing]) -> Thing:
        """One of several, each as likely."""
        return things[self.below(len(things))]

    def hits(self, percent: int) -> bool:
        """Whether something happens that happens so often in a hundred."""
        return self.below(100) < percent

    def weighted(self, weights: Mapping[Thing, int]) -> Thing:
        """One of several, as likely as its whole-number weight says."""
        left = self.below(sum(weights.values()))
        for thing, weight in weights.items():
            left -= weight
            if left < 0:
                return thing
        raise ValueError("no weight is above 0")

    def shuffled(self, things: Sequence[Thing]) -> list[Thing]:
        """The same things in a drawn order."""
        order = list(things)
        for last in range(len(order) - 1, 0, -1):
            other = self.below(last + 1)
            order[last], order[other] = order[other], order[last]
        return order


def shared_out(total: int, weights: Mapping[Thing, int]) -> dict[Thing, int]:
    """`total` shared out by weights in whole numbers: the largest remainders round up."""
    whole = sum(weights.values())
    shares = {thing: total * weight // whole for thing, weight in weights.items()}
    rest = sorted(weights, key=lambda thing: -(total * weights[thing] % whole))
    for thing in rest[: total - sum(shares.values())]:
        shares[thing] += 1
    return shares
