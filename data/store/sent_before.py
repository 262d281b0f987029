"""What went out to people this season, and what was offered in all? Facts for a chance model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

from sqlalchemy import Connection, exists, or_, select

from data.intake.records import ContactStatus
from data.intake.season_facts import SeasonFacts, facts_of
from data.store.case_steps import ANSWERED, TAKEN_BACK
from data.store.doubles import heads_of
from data.store.opening import Store
from data.store.seasons import training_start
from data.store.tables import contacts, plans, proposal_history
from data.store.tables import places as place_table
from matching.problem import Place, Seeker

#: A contact with one of these does not say that anything was sent.
_SAYS_NOTHING = (ContactStatus.UNKNOWN.value, ContactStatus.WITHDRAWN.value)


def season_facts(
    store: Store, season: str, seekers: Sequence[Seeker], places: Sequence[Place], on: date
) -> SeasonFacts:
    """The facts of a season on a day, for the people and places that the store gave of it."""
    with store.reading() as connection:
        sent = _sent(connection, season)
        offered = select(place_table.c.id, place_table.c.openings).where(
            place_table.c.season == season, place_table.c.present
        )
        openings = dict(connection.execute(offered).all())
    start = training_start(season)
    return facts_of(seekers, places, on, start, openings=openings, earlier_proposals=sent)


def _sent(connection: Connection, season: str) -> Counter[str]:
    """To how many places each person was sent, by the pseudonym that stands for them.

    Told by contacts of any kind, and by proposals that somebody moved without one. What was taken
    back was not sent.
    """
    heads = heads_of(connection)
    told = select(contacts.c.pseudonym, contacts.c.place).where(
        contacts.c.season == season,
        contacts.c.place.is_not(None),
        contacts.c.status.not_in(_SAYS_NOTHING),
    )
    step = proposal_history
    later = step.alias("later")
    taken_back = exists().where(
        later.c.plan == step.c.plan,
        later.c.pseudonym == step.c.pseudonym,
        later.c.place == step.c.place,
        later.c.id > step.c.id,
        or_(later.c.reason == TAKEN_BACK, later.c.status == "proposed"),
    )
    moved = (
        select(step.c.pseudonym, step.c.place)
        .join(plans, plans.c.id == step.c.plan)
        .where(plans.c.season == season, step.c.status == ContactStatus.SENT.value)
        .where(step.c.reason.not_in((ANSWERED, TAKEN_BACK)), ~taken_back)
    )
    pairs = {
        (heads.get(who, who), place)
        for chosen in (told, moved)
        for who, place in connection.execute(chosen)
    }
    return Counter(who for who, _ in pairs)
