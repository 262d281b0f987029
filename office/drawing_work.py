"""What is being drawn or solved again right now? One plan a season, one replay a run, at a time."""

from __future__ import annotations

from office.long_work import Key, LongWork, LongWorks, State, Stopped
from office.replay import Replay
from office.season_desk import KeptPlan

__all__ = [
    "REASONS", "REPLAYS", "SECONDS_A_PERSON", "WORKS",
    "Key", "Replaying", "State", "Stopped", "Work", "Works",
]  # fmt: skip

#: About how many seconds a plan takes for each person, where none was drawn here before; measured
#: on the bundled district (1,650 people, two cores).
SECONDS_A_PERSON = 0.002

Work = LongWork[KeptPlan]
Replaying = LongWork[Replay]


class Works(LongWorks[KeptPlan]):
    """The drawings of a process, the last of each season."""

    def __init__(self) -> None:
        super().__init__(SECONDS_A_PERSON)


#: The drawings of this process.
WORKS = Works()

#: The runs that are solved again in this process.
REPLAYS = LongWorks[Replay](SECONDS_A_PERSON)

#: The plans whose reasons are gathered in this process; they stay in the desk's memory.
REASONS = LongWorks[None](SECONDS_A_PERSON)
