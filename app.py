"""What opens when an office opens Übergang? The pages, in the reader's language."""

import streamlit as st

from office.words import say
from views.parts import language

st.set_page_config(layout="wide")
plan = st.Page("views/planner/plan.py", title=say("Plan – Übergang", language()), default=True)
st.navigation([plan], position="hidden").run()
