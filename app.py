"""What opens when an office opens Übergang? The gate, and behind it the pages."""

from pathlib import Path

import streamlit as st
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from office import gate
from views.addresses import instead
from views.hearing import is_meant

_farewell = ForwardMsg()
_farewell.auth_redirect.url = gate.ENDED_AT

_house = gate.this_house(_farewell.SerializeToString(), is_meant, instead)
app = st.App(
    Path(__file__).parent / "views" / "front.py",
    middleware=gate.middleware(_house),
    routes=gate.routes(_house),
)
