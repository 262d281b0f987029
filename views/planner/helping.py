"""What does a planner have to know? The help of each page, in the words of the glossary."""

from __future__ import annotations

from office.words import Language, say
from views.parts import page_help


def target_help(reader: Language) -> None:
    """What the page of the target says, and how to read it."""
    page_help(
        say(
            "**Target.** The share of people to be placed, of which base, by when and how surely. "
            "The chance of the target says how likely it is to be reached, and allows for all "
            "chances being off together.",
            reader,
        ),
        say(
            "**Placed, out, planned.** Placed is whose training has started as the definition "
            "counts it. Expected placements are sums of chances: of ten proposals with a chance of "
            "30% each, three are expected. Out is what was sent or applied for.",
            reader,
        ),
        say(
            "**Own finds** are contracts that people found alone; they count as placed and stand "
            "apart. **Unknown** whereabouts never count as not placed.",
            reader,
        ),
        say(
            "**Kept back.** Numbers of fewer than five people are not told, nor what would tell "
            "them. Names and single people are with their counselors.",
            reader,
        ),
    )


def plans_help(reader: Language) -> None:
    """How plans are drawn, compared and believed."""
    page_help(
        say(
            "**Plan.** All proposals together: who is put forward for which place. It is drawn "
            "anew each week or whenever much has changed, and stays a draft until somebody "
            "publishes it. One plan is in force at a time.",
            reader,
        ),
        say(
            "**First the target, then wishes.** The plan with the most expected placements comes "
            "first; room that it leaves goes to people\u2019s wishes.",
            reader,
        ),
        say(
            "**Proof.** Prices show that no plan can be better, and a second calculation counts "
            "every figure again. Anybody can check it.",
            reader,
        ),
    )


def publish_help(reader: Language) -> None:
    """What it means to put a plan in force."""
    page_help(
        say(
            "**In force.** Counselors work with the proposals of the plan in force. Publishing "
            "sends nothing and decides about nobody: each proposal still takes a counselor.",
            reader,
        ),
        say(
            "**Reason.** You put your name to it. The reason is kept with the plan and stands in "
            "its history.",
            reader,
        ),
        say(
            "**Undo.** Put the earlier plan in force again. What has been sent meanwhile stays "
            "out.",
            reader,
        ),
    )


def hand_over_help(reader: Language) -> None:
    """Who looks after whom, and how that is handed over."""
    page_help(
        say(
            "**Case.** A person whom a counselor looks after. Whom nobody looks after, every "
            "counselor sees and may take.",
            reader,
        ),
        say(
            "**Hand over.** When somebody is away or has too much to do: all cases of a counselor, "
            "those of one school, or so many of them. Contacts and decisions stay with the person.",
            reader,
        ),
    )
