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


class StaysEmpty(StrEnum):
    """Why an opening has no proposal."""

    NOBODY_ALLOWED = "nobody_allowed"
    NOBODY_LEFT = "nobody_left"
