"""Which reasons are there? Names only, so that whoever words them loads nothing else."""

from __future__ import annotations

from enum import StrEnum


class NoProposal(StrEnum):
    """Why somebody who looks has no proposal."""

    NO_PLACE_ALLOWED = "no_place_allowed"
    NO_OPENINGS = "no_openings"
    BANNED = "banned"
    OTHERS_GAIN_MORE = "others_gain_more"
    HELD_BACK = "held_back"
    BY_HAND = "by_hand"


class StaysEmpty(StrEnum):
    """Why an opening has no proposal."""

    NOBODY_ALLOWED = "nobody_allowed"
    NOBODY_LEFT = "nobody_left"


class NotProposed(StrEnum):
    """Why a place that a person may take is not the one proposed to them."""

    HELD_BACK = "held_back"
    BANNED = "banned"
    TURNED_DOWN = "turned_down"
    BY_HAND = "by_hand"
    PINNED_ELSEWHERE = "pinned_elsewhere"
    NO_OPENINGS = "no_openings"
    FULL_BY_PINS = "full_by_pins"
    BEYOND_CANDIDATES = "beyond_candidates"
    OTHERS_GAIN_MORE = "others_gain_more"
    PROPOSAL_GAINS_MORE = "proposal_gains_more"
    AS_GOOD = "as_good"
