"""Who visits the front end while it is measured? Somebody signed in who talks as a browser does.

A browser would take the cores that are to be measured. This one signs in at the gate, opens the
websocket of the pages, asks for a run, and hears everything until the run has finished; it draws
nothing.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import httpx2
from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets import Origin, Subprotocol
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

#: No run may take longer; whoever waits that long counts an error.
PATIENCE = 180.0

_SUCCESS, _FRAGMENT = 0, 3
_HIDDEN = re.compile(r'type="hidden" name="(\w+)" value="([^"]*)"')


class Broken(Exception):
    """What was asked for did not come: no answer, an error on the page, a door that stays shut."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a run came to.

    `seconds` is from the request to the end of the run, `heard` all its bytes, `began` when it was
    asked for. `faults` are errors that the page shows.
    """

    seconds: float
    began: float
    heard: bytes
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Widget:
    """A control on the page: its kind, its id, its label, and what can be chosen.

    `fragment` is the part of the page that is drawn anew when it is used, where not all of it is.
    """

    kind: str
    id: str
    label: str
    options: tuple[str, ...] = ()
    fragment: str = ""


@dataclass(slots=True)
class Visitor:
    """Somebody at work in one window."""

    home: str
    name: str
    password: str = field(repr=False)
    pages: dict[str, str] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    query: str = ""
    _page: str = ""
    _client: httpx2.Client | None = None
    _socket: ClientConnection | None = None
    _session: str = ""
    _elements: dict[tuple[int, ...], tuple[Any, str]] = field(default_factory=dict)
    _states: dict[str, WidgetState] = field(default_factory=dict)
    _again: tuple[float, str] | None = None
    _asked: int = 0
    _is_part: bool = False
    _window: ExitStack = field(default_factory=ExitStack)

    # In and out -----------------------------------------------------------------------------------

    def sign_in(self) -> float:
        """Fill in the form at the door; returns the seconds that the door took."""
        self._client = httpx2.Client(
            base_url=self.home,
            headers={"Accept": "text/html", "Accept-Language": "de", "Origin": self.home},
            timeout=PATIENCE,
            trust_env=False,
        )
        form = self._client.get("/anmelden").text
        told = {name: unescape(value) for name, value in _HIDDEN.findall(form)}
        began = time.perf_counter()
        answer = self._client.post(
            "/anmelden", data={**told, "name": self.name, "password": self.password}
        )
        seconds = time.perf_counter() - began
        if answer.status_code != 303 or answer.headers["location"] != "/":
            raise Broken(f"{self.name} was not let in: {answer.status_code}")
        self._client.get("/_stcore/health")
        return seconds

    def sign_out(self) -> None:
        """Leave by the gate's own form."""
        form = self._open_client().get("/abmelden").text
        told = {name: unescape(value) for name, value in _HIDDEN.findall(form)}
        answer = self._open_client().post("/abmelden", data=told)
        if answer.status_code != 303:
            raise Broken(f"{self.name} was not let out: {answer.status_code}")

    def is_shut_out(self) -> bool:
        """Whether the open window says no more: its session has ended."""
        try:
            self.rerun()
        except (ConnectionClosed, Broken, OSError):
            return True
        return False

    def connect(self) -> None:
        """Open the websocket of the pages, as a page that is loaded does."""
        self.close()
        cookies = self._open_client().cookies
        opened = connect(
            f"{self.home.replace('http', 'ws', 1)}/_stcore/stream",
            origin=Origin(self.home),
            additional_headers={
                "Cookie": "; ".join(f"{one.name}={one.value}" for one in cookies.jar)
            },
            subprotocols=[Subprotocol("streamlit")],
            proxy=None,
            max_size=None,
            open_timeout=PATIENCE,
        )
        self._socket = self._window.enter_context(opened)

    def close(self) -> None:
        """Close the window."""
        self._window.close()
        self._socket = None
        self._states.clear()

    def __enter__(self) -> Visitor:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
        if self._client is not None:
            self._client.close()

    # What a person does ---------------------------------------------------------------------------

    def arrive(self, query: str = "lang=de") -> Answer:
        """Load the first page in a new window."""
        self.connect()
        self._page, self.query = "", query
        return self._run()

    def open(self, page: str, query: str = "lang=de") -> Answer:
        """Go to a page by its address."""
        self._states.clear()
        self._page, self.query = self.pages[page], query
        return self._run()

    def rerun(self) -> Answer:
        """Have the page drawn once more."""
        return self._run()

    def press(self, key: str) -> Answer:
        """Press a button."""
        widget = self.widget(key)
        pressed = WidgetState(id=widget.id, trigger_value=True)
        return self._run(pressed, fragment=widget.fragment)

    def choose(self, key: str, option: str | int) -> Answer:
        """Choose one of the options, by its words or its number."""
        self.mark(key, option)
        return self._run(fragment=self.widget(key).fragment)

    def type(self, key: str, text: str) -> Answer:
        """Fill in a field."""
        self.fill(key, text)
        return self._run(fragment=self.widget(key).fragment)

    def fill(self, key: str, text: str) -> None:
        """Fill in a field of a form, which is sent later."""
        self._keep(key, string_value=text)

    def mark(self, key: str, option: str | int) -> None:
        """Choose in a form, which is sent later."""
        self._keep(key, string_value=self._option(key, option))

    def tick(self, key: str, on: bool = True) -> Answer:
        """Tick a box, or take the tick away."""
        self._keep(key, bool_value=on)
        return self._run(fragment=self.widget(key).fragment)

    def upload(self, key: str, name: str, content: bytes) -> Answer:
        """Drop a file; the seconds are those of the upload and of the run after it."""
        widget = self.widget(key)
        began = time.perf_counter()
        self._asked += 1
        asked = BackMsg()
        asked.file_urls_request.request_id = str(self._asked)
        asked.file_urls_request.file_names.append(name)
        asked.file_urls_request.session_id = self._session
        self._say(asked)
        urls = next(
            message.file_urls_response.file_urls[0]
            for message, _ in self._hear(began)
            if message.WhichOneof("type") == "file_urls_response"
        )
        client = self._open_client()
        token = next(
            (one.value for one in client.cookies.jar if one.name == "_streamlit_xsrf"), None
        )
        sent = client.put(
            urls.upload_url,
            files={"file": (name, content, "text/csv")},
            headers={} if token is None else {"X-Xsrftoken": token},
        )
        if sent.status_code != 204:
            raise Broken(f"upload: {sent.status_code} {sent.text[:200]}")
        state = WidgetState(id=widget.id)
        info = state.file_uploader_state_value.uploaded_file_info.add()
        info.file_id, info.name, info.size = urls.file_id, name, len(content)
        info.file_urls.CopyFrom(urls)
        self._states[widget.id] = state
        return self._run(began=began)

    def again(self) -> Answer | None:
        """What the page itself asks for after a while, if it asks for anything."""
        if self._again is None:
            return None
        interval, fragment = self._again
        time.sleep(interval)
        return self._run(fragment=fragment, by_itself=True)

    # What stands on the page ----------------------------------------------------------------------

    def widgets(self) -> Iterator[Widget]:
        """The controls of the page, from above."""
        for _, (element, fragment) in sorted(self._elements.items(), key=lambda one: one[0]):
            kind = element.WhichOneof("type")
            inner = getattr(element, kind) if kind else None
            if inner is not None and "id" in inner.DESCRIPTOR.fields_by_name and inner.id:
                options = tuple(getattr(inner, "options", ()))
                yield Widget(kind, inner.id, getattr(inner, "label", ""), options, fragment)

    def widget(self, key: str) -> Widget:
        """A control by its key, or by its label where it has none."""
        found = [one for one in self.widgets() if one.id.endswith(f"-{key}") or one.label == key]
        if not found:
            there = ", ".join(one.label for one in self.widgets())
            raise Broken(f"{self.name} finds no {key!r} on the page; there is: {there}")
        return found[0]

    def keys(self, begin: str) -> list[str]:
        """The keys of the controls that begin with some letters, from above."""
        pattern = re.compile(rf"\$\$ID-[0-9a-f]+-({re.escape(begin)}.*)")
        return [found[1] for one in self.widgets() if (found := pattern.fullmatch(one.id))]

    def first(self, begin: str, number: int = 0) -> str:
        """The key of the first control whose key begins so, or of a later one."""
        keys = self.keys(begin)
        if len(keys) <= number:
            raise Broken(f"{self.name} finds too few of {begin!r} on the page")
        return keys[number]

    def warns(self) -> bool:
        """Whether the page says that something went wrong or is to be heeded."""
        kinds = {Alert.ERROR, Alert.WARNING}
        return any(
            element.WhichOneof("type") == "alert" and element.alert.format in kinds
            for element, _ in self._elements.values()
        )

    # How it is said -------------------------------------------------------------------------------

    def _run(
        self,
        pressed: WidgetState | None = None,
        fragment: str = "",
        began: float | None = None,
        by_itself: bool = False,
    ) -> Answer:
        asked = BackMsg()
        state = asked.rerun_script
        state.query_string = self.query
        state.page_script_hash = self._page
        state.fragment_id = fragment
        state.is_auto_rerun = by_itself
        state.context_info.locale = "de-DE"
        state.context_info.url = f"{self.home}/"
        state.widget_states.widgets.extend(self._states.values())
        if pressed is not None:
            state.widget_states.widgets.append(pressed)
        start = time.perf_counter() if began is None else began
        self._say(asked)
        heard, faults = bytearray(), list[str]()
        self._is_part = bool(fragment)
        for message, raw in self._hear(start):
            heard += raw
            faults += self._take(message)
            if message.WhichOneof("type") == "script_finished":
                if message.script_finished in {_SUCCESS, _FRAGMENT}:
                    break
                self._is_part = False  # what follows is the whole page
                if message.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
                    faults.append("the page could not be compiled")
                    break
        faults += [f"the page broke off ({key})" for key in self.keys("load_again")]
        return Answer(time.perf_counter() - start, start, bytes(heard), tuple(faults))

    def _take(self, message: ForwardMsg) -> list[str]:
        """Remember what a message says of the page; the errors that it shows."""
        kind = message.WhichOneof("type")
        if kind == "new_session":
            told = message.new_session
            self._page = told.page_script_hash or self._page
            self._session = told.initialize.session_id or self._session
            if not self._is_part:
                self._elements.clear()
                self._again = None
        elif kind == "navigation":
            self.pages = {one.url_pathname: one.page_script_hash for one in _own(message)}
            titled = {one.page_script_hash: one for one in reversed(_own(message))}
            self.titles = {
                one.url_pathname: one.page_name
                for one in _own(message)
                if titled[one.page_script_hash] is one
            }
            self._page = message.navigation.page_script_hash or self._page
        elif kind == "page_info_changed":
            self.query = message.page_info_changed.query_string
        elif kind == "auto_rerun":
            self._again = message.auto_rerun.interval, message.auto_rerun.fragment_id
        elif kind == "auth_redirect":
            raise Broken(f"{self.name} is signed out")
        elif kind == "delta":
            path = tuple(message.metadata.delta_path)
            if message.delta.WhichOneof("type") == "new_element":
                element = message.delta.new_element
                self._elements[path] = element, message.delta.fragment_id
                if element.WhichOneof("type") == "exception":
                    return [f"{element.exception.type}: {element.exception.message}"]
        return []

    def _hear(self, began: float) -> Iterator[tuple[ForwardMsg, bytes]]:
        assert self._socket is not None
        while True:
            left = PATIENCE - (time.perf_counter() - began)
            if left <= 0:
                raise Broken(f"{self.name} heard nothing for {PATIENCE:.0f} s")
            raw = self._socket.recv(timeout=left)
            if isinstance(raw, bytes):
                yield ForwardMsg.FromString(raw), raw

    def _say(self, message: BackMsg) -> None:
        assert self._socket is not None
        self._socket.send(message.SerializeToString())

    def _with(self, key: str, **value: Any) -> WidgetState:
        return WidgetState(id=self.widget(key).id, **value)

    def _keep(self, key: str, **value: Any) -> None:
        state = self._with(key, **value)
        self._states[state.id] = state

    def _option(self, key: str, option: str | int) -> str:
        options = self.widget(key).options
        if isinstance(option, int):
            return options[option]
        if option not in options:
            raise Broken(f"{option!r} is no option of {key!r}")
        return option

    def _open_client(self) -> httpx2.Client:
        assert self._client is not None
        return self._client


def _own(message: ForwardMsg) -> list[Any]:
    """The pages of this house among those of the navigation."""
    return [one for one in message.navigation.app_pages if not urlsplit(one.external_url).netloc]


def until(visitor: Visitor, done: Callable[[], bool], limit: float = PATIENCE) -> list[Answer]:
    """Do what the page asks for until it is done; all the answers."""
    answers, ends = [], time.perf_counter() + limit
    while not done():
        answer = visitor.again()
        if answer is None or time.perf_counter() > ends:
            raise Broken(f"{visitor.name} waits in vain")
        answers.append(answer)
    return answers
