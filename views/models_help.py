"""What does one have to know of models of chances? The help of both pages that show them."""

from __future__ import annotations

from office.words import Language, say
from views.parts import page_help


def models_help(reader: Language) -> None:
    """Cards, calibration, drift and the switch, in the words of the glossary."""
    page_help(
        say(
            "**A chance** says how often past proposals like this one became a training. It says "
            "nothing of what a person is able to do; places are ranked for a person, people never.",
            reader,
        ),
        say(
            "**Calibration** means that chances keep their word: of proposals with a chance of "
            "30% each, three in ten start. It is looked at by season and by group.",
            reader,
        ),
        say(
            "**Drift** is how far this season’s proposals are from those of the past. What the "
            "past never showed, it can’t tell.",
            reader,
        ),
        say(
            "**The model’s card** says what a model was learned from, how, how well it did ahead "
            "of time, and where it ends. Its figures come from the run that made it.",
            reader,
        ),
        say(
            "**Without chances** everything but drawing plans goes on: people decide by wishes, "
            "ways and what they know of the person. The switch needs a reason and works at once.",
            reader,
        ),
    )
