"""How do files come in? A drop zone that speaks the reader's language.

Streamlit's own drop zone speaks English only; its words are covered by ours for eyes, and the
control is named in the reader's language by its label.
"""

from __future__ import annotations

import json

import streamlit as st

from office.words import Language, say

_STYLE = """<style>
[data-testid="stFileUploaderDropzoneInstructions"] { visibility: hidden; position: relative; }
[data-testid="stFileUploaderDropzoneInstructions"]::after { content: %s; visibility: visible;
  position: absolute; left: 0; right: 0; top: 50%%; transform: translateY(-50%%); }
[data-testid="stFileUploaderDropzone"] button p,
[data-testid="stFileUploaderDropzone"] > span button { font-size: 0; }
[data-testid="stFileUploaderDropzone"] > span button::after { content: %s; font-size: 1rem; }
</style>"""


def drop_zone(
    reader: Language, key: str, label: str | None = None, kind: str | None = None
) -> list[tuple[str, bytes]]:
    """The files that were dropped or chosen, each its name and its bytes; none at first.

    It asks for a school's list, unless a `label` asks for something else; `kind` is how the names
    of files must end.
    """
    drop = say("Drop files here, at most 5 MB each", reader)
    choose = say("Choose files", reader)
    st.html(_STYLE % (_quoted(drop), _quoted(choose)))
    files = st.file_uploader(
        label or say("The school’s list: one file, or the files of an export together", reader),
        type=kind,
        accept_multiple_files=True,
        key=key,
    )
    return [(file.name, file.getvalue()) for file in files or ()]


def _quoted(words: str) -> str:
    """Words as a string of CSS that no tag can end."""
    return json.dumps(words, ensure_ascii=False).replace("<", "")
