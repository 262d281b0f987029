"""What changes from one plan to another? Two tables that more than one page shows."""

from __future__ import annotations

from office.plan_changes import Changes
from office.words import Language, number, percent, say
from views.planner.asking import small
from views.tables import Column, begun, counts, table


def changes_table(told: Changes, reader: Language) -> None:
    """What changes from one plan to another, as a table."""
    whole, before, after = counts(reader), told.before, told.after
    table(
        [
            Column(say("what", reader)),
            Column(say("before", reader), whole),
            Column(say("after", reader), whole),
        ],
        [
            (begun(say("proposals", reader)), before.proposals, after.proposals),
            (
                begun(say("expected placements", reader)),
                number(before.expected, reader, 1),
                number(after.expected, reader, 1),
            ),
            (
                begun(say("chance of the target", reader)),
                percent(before.chance, reader),
                percent(after.chance, reader),
            ),
            (begun(say("counted", reader)), before.base, after.base),
            (begun(say("placed so far", reader)), before.placed, after.placed),
            (begun(say("openings", reader)), before.openings, after.openings),
        ],
        say("The figures of both plans, each on its day", reader),
        reader,
        narrow=True,
    )
    untold = say("not told", reader)
    rows = (
        ("same proposal as before", told.kept),
        ("proposed elsewhere than before", told.moved),
        ("a proposal for the first time", told.placed_new),
        ("no proposal any more", told.placed_lost),
        ("new people", told.came),
        ("people who are gone", told.left),
        ("new places", told.places_came),
        ("places that are gone", told.places_left),
        ("out now, and not in the later plan", told.out_dropped),
    )
    table(
        [Column(say("change", reader)), Column(say("how many", reader), whole)],
        [(begun(say(name, reader)), untold if count is None else count) for name, count in rows],
        say("Who and what changes between the plans", reader),
        reader,
        narrow=True,
    )
    if None in (count for _, count in rows):
        words = "Numbers of fewer than five people are not told, nor what would tell them."
        small(say(words, reader))
