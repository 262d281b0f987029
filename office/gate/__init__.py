"""Who is at the door, and may they come in? Sign-in and sessions in front of every request.

`st.App(script, middleware=gate.middleware(house), routes=gate.routes(house))` puts the gate before
pages, websockets, uploads and downloads; the pages ask `current_user` on every run. The gate says
who somebody is; what they may do is decided in `office.access`.
"""

from __future__ import annotations

from starlette.middleware import Middleware
from starlette.routing import Route

from office.gate.house import (
    HEADER,
    PASSWORD,
    SIGN_IN,
    SIGN_OUT,
    STATEMENT,
    House,
    current_user,
    present,
    sign_out,
    user_of,
)
from office.gate.middleware import Gate
from office.gate.provider import Provider
from office.gate.settings import GateSettings, gate_settings, read_gate_settings
from office.gate.sign_in import SignIn
from office.gate.this_house import language_here, leave, speak, this_house, user_here

__all__ = [
    "ENDED_AT",
    "HEADER",
    "PASSWORD",
    "SIGN_IN",
    "SIGN_OUT",
    "STATEMENT",
    "Gate",
    "GateSettings",
    "House",
    "current_user",
    "gate_settings",
    "language_here",
    "leave",
    "middleware",
    "present",
    "read_gate_settings",
    "routes",
    "sign_out",
    "speak",
    "this_house",
    "user_here",
    "user_of",
]

#: Where the page of an ended session is to go.
ENDED_AT = f"{SIGN_IN}?ended"


def middleware(house: House) -> list[Middleware]:
    """What stands before everything else."""
    return [Middleware(Gate, house=house)]


def routes(house: House) -> list[Route]:
    """Where the gate itself answers."""
    sign_in = SignIn(house)
    named = house.settings.provider
    provider = [] if named is None else Provider(house, named, sign_in).routes()
    return [*sign_in.routes(), *provider]
