"""What may a browser say to the pages? What our own pages make it say, and nothing else.

The pages' server also hears whoever asks it to empty everybody's caches, to tell of the folder that
it runs in, or to write files there. Nobody here needs that.
"""

from __future__ import annotations

from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from streamlit.proto.BackMsg_pb2 import BackMsg

_SAID = frozenset({"rerun_script", "stop_script", "file_urls_request", "app_heartbeat"})
_ASKED = frozenset({"deferred_file", "dataframe_chunk"})


def is_meant(message: bytes) -> bool:
    """Whether a message is one that a page of ours sends."""
    try:
        told = BackMsg.FromString(message)
    except DecodeError:
        return False
    if told.WhichOneof("type") != "backend_operation_request":
        return told.WhichOneof("type") in _SAID
    request = told.backend_operation_request
    return any(request.HasField(name) for name in _ASKED)
