"""Who gets in? Nothing behind the gate answers without a session that holds.

Pages, websockets, uploads and downloads alike: the gate stands in front of all of them. What a
websocket announced to one session (files to download, addresses to upload to) is answered for that
session alone. An open websocket is left to itself for two seconds at most: when its session ends,
so does the connection, and nothing that it still sends is heard.
"""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode, urlsplit

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection, cookie_parser
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from data.store.sign_ins import Session, session
from matching.errors import UebergangError
from office.gate.forms import bounce_page
from office.gate.headers import FORMS, InLanguage, harden, language_wanted
from office.gate.house import (
    HEADER,
    HEADERS_OF_OURS,
    HEALTH,
    OPEN,
    OWN,
    PASSWORD,
    SIGN_IN,
    House,
    forget_drafts,
    look,
    user_of,
)

#: The websocket's close code for "you are not signed in (any more)".
ENDED = 4401

_SAFE = frozenset({"GET", "HEAD"})

#: What the pages' server names in a message: a file by the hash of its content, or an address that
#: takes one upload. In a message a text has its length before it, since the byte after it may be
#: another letter.
_ANNOUNCED = re.compile(
    rb"/(?:media/[0-9a-f]{32,64}|_stcore/upload_file/[0-9a-f-]{36}/[0-9a-f-]{36})(?:\.\w{1,10})?"
)
_GUARDED = ("/media/", "/_stcore/upload_file/")

#: What the pages' server tells of itself and its own way to sign in: no page of ours needs them.
_SHUT = (
    "/_stcore/metrics",
    "/_stcore/script-health-check",
    "/auth/",
    "/oauth2callback",
    "/app/static/",
)

#: Sessions without an open connection whose files are still remembered.
_REMEMBERED = 500


@dataclass(slots=True)
class _Announced:
    """What was announced to which session, for as long as it holds."""

    names: dict[str, set[str]] = field(default_factory=dict)
    connections: dict[str, int] = field(default_factory=dict)

    def begin(self, key: str) -> None:
        self.connections[key] = self.connections.get(key, 0) + 1
        idle = [one for one, count in self.connections.items() if count == 0]
        for one in idle[: max(0, len(idle) - _REMEMBERED)]:
            self.forget(one)

    def end(self, key: str) -> None:
        if key in self.connections:
            self.connections[key] -= 1

    def forget(self, key: str) -> None:
        self.names.pop(key, None)
        self.connections.pop(key, None)

    def hear(self, key: str, message: bytes) -> None:
        for found in _ANNOUNCED.finditer(message):
            length = message[found.start() - 1] if found.start() else 0
            name = found[0][:length].decode()
            self.names.setdefault(key, set()).add(name)

    def is_for(self, key: str, path: str) -> bool:
        return path in self.names.get(key, ())


class Gate:
    """The ASGI middleware: give it to `st.App` as the first of its `middleware`."""

    def __init__(self, app: ASGIApp, house: House) -> None:
        self._app = app
        self._house = house
        self._announced = _Announced()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, refuse, or let through."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._connect(scope, receive, send)
        elif scope["type"] == "http":
            path, secure = scope["path"], self._house.settings.secure
            begun = False

            async def hardened(message: Message) -> None:
                nonlocal begun
                if message["type"] == "http.response.start":
                    begun = True
                    harden(message, path, secure)
                await send(message)

            try:
                await self._answer(scope, receive, hardened)
            except Exception:
                # What lies before us would answer without our headers; the log gets it as well.
                if not begun:
                    await PlainTextResponse("error", 500)(scope, receive, hardened)
                raise

    # Requests -------------------------------------------------------------------------------------

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = HTTPConnection(scope)
        path, method = scope["path"], scope["method"]
        refusal = self._refusal(asked, method, path)
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        if path in OPEN:
            await self._app(scope, receive, send)
            return
        used = method not in _SAFE or _is_navigation(asked.headers)
        found = await look(self._house.session, asked.cookies, used=used)
        refusal = self._no_entry(asked, found, path)
        if refusal is not None:
            await refusal(scope, receive, send)
        elif path in OWN:
            await self._app(scope, receive, send)
        elif found is not None:
            own = found.account.language
            language = language_wanted(asked.query_params.get("lang"), own, asked.headers)
            inner = self._stripped(scope, found.key)
            if not path.startswith(("/static/", *_GUARDED)):
                send = InLanguage(send, language).send
            await self._app(inner, receive, send)

    def _refusal(self, asked: HTTPConnection, method: str, path: str) -> Response | None:
        """What is refused whoever asks: a foreign host, or a change on a foreign page's behalf."""
        if path == HEALTH and method in _SAFE:
            return None
        if not self._is_our_host(asked.headers):
            return PlainTextResponse("host", 400)
        if method not in _SAFE and not self._is_our_origin(asked.headers):
            return PlainTextResponse("origin", 403)
        return None

    def _no_entry(self, asked: HTTPConnection, found: Session | None, path: str) -> Response | None:
        """Where somebody is sent who may not have what they ask for, `None` for who may."""
        if found is None:
            return self._to_the_door(asked)
        if found.account.one_time and path != PASSWORD:
            if _is_navigation(asked.headers):
                return RedirectResponse(PASSWORD, 303)
            return PlainTextResponse("password", 403)
        if path.startswith(_SHUT):
            return PlainTextResponse("not here", 404)
        if path.startswith(_GUARDED) and not self._announced.is_for(found.key, path):
            return PlainTextResponse("not yours", 404)
        return self._onward(asked, found, path)

    def _onward(self, asked: HTTPConnection, found: Session, path: str) -> Response | None:
        """Where somebody goes who has no page at this address; parts of pages have no other."""
        instead = self._house.instead
        if instead is None or path in OWN or not _is_navigation(asked.headers):
            return None
        query = asked.scope["query_string"].decode("latin-1")
        onward = instead(user_of(found.account), path, query)
        return None if onward is None else RedirectResponse(onward, 303)

    def _to_the_door(self, asked: HTTPConnection) -> Response:
        if not _is_navigation(asked.headers):
            return PlainTextResponse("sign in", 401)
        here = _here(asked)
        if asked.headers.get("sec-fetch-site") == "cross-site":
            # From a link elsewhere a browser brings no cookie; from a page of ours it will.
            page = bounce_page(here, language_wanted(None, None, asked.headers))
            return HTMLResponse(page, headers={"Content-Security-Policy": FORMS})
        onward = "" if here == "/" else "?" + urlencode({"next": here})
        return RedirectResponse(SIGN_IN + onward, 303)

    def _is_our_host(self, headers: Headers) -> bool:
        return _hostname(headers.get("host", "")) in self._house.settings.hosts

    def _is_our_origin(self, headers: Headers) -> bool:
        """Whether a page of ours asks; who names no origin is no browser, and may not."""
        origin, address = headers.get("origin", ""), self._house.settings.address
        if address is not None:
            return origin == address
        return origin in {f"{scheme}://{headers.get('host', '')}" for scheme in ("http", "https")}

    def _stripped(self, scope: Scope, key: str) -> Scope:
        """The request as the pages get it: with the session's key, without the browser's secret.

        Nor are they asked whether an older copy still holds, or to compress: the shell is changed
        on its way.
        """
        own = self._house.own_cookies
        pages = not scope["path"].startswith(("/static/", "/media/"))
        dropped = {b"if-none-match", b"if-modified-since", b"accept-encoding"} if pages else set()
        headers = []
        for name, value in scope["headers"]:
            lower = name.lower().replace(b"_", b"-")
            if lower.startswith(HEADERS_OF_OURS) or lower in dropped:
                continue
            if lower == b"cookie":
                kept = cookie_parser(value.decode("latin-1"))
                told = "; ".join(f"{one}={kept[one]}" for one in kept if one not in own)
                value = told.encode("latin-1", "replace")  # noqa: PLW2901
            headers.append((name, value))
        headers.append((HEADER.encode(), key.encode()))
        extensions = dict(scope.get("extensions") or {})
        extensions.pop("http.response.pathsend", None)
        return {**scope, "headers": headers, "extensions": extensions}

    # Websockets -----------------------------------------------------------------------------------

    async def _connect(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = HTTPConnection(scope)
        allowed = self._is_our_host(asked.headers) and self._is_our_origin(asked.headers)
        found = await look(self._house.session, asked.cookies) if allowed else None
        if found is None or found.account.one_time:
            await receive()
            await send({"type": "websocket.close", "code": ENDED})
            return
        line = _Line(self._house, found.key, receive, send, self._announced)
        self._announced.begin(found.key)
        watch = asyncio.create_task(line.watch())
        try:
            await self._app(self._stripped(scope, found.key), line.receive, line.send)
        finally:
            watch.cancel()
            with suppress(asyncio.CancelledError):
                await watch
            self._announced.end(found.key)
            # Whoever was shut out at a terminal leaves files in this process. Without the store
            # nobody knows; then they go with their time.
            if line.is_over:
                house, name = self._house, found.account.name
                with suppress(UebergangError):
                    await look(forget_drafts, house.store, name, house.clock())


class _Line:
    """One open websocket, for as long as its session holds."""

    def __init__(
        self, house: House, key: str, receive: Receive, send: Send, announced: _Announced
    ) -> None:
        self._house = house
        self._key = key
        self._receive = receive
        self._send = send
        self._announced = announced
        self._accepted = False
        self._over = asyncio.Event()

    @property
    def is_over(self) -> bool:
        """Whether its session has ended."""
        return self._over.is_set()

    async def watch(self) -> None:
        """Look again and again whether the session holds; hang up once it does not."""
        while not self._over.is_set():
            await asyncio.sleep(self._house.every)
            if not await self._holds(used=False):
                await self._hang_up()

    async def receive(self) -> Message:
        """The next that the browser sends, if it may still say anything and means it for us."""
        while True:
            message = await self._next()
            said = message.get("bytes") or b""
            is_meant = self._house.is_meant
            if message["type"] != "websocket.receive" or is_meant is None or is_meant(said):
                return message

    async def _next(self) -> Message:
        hearing = asyncio.ensure_future(self._receive())
        ending = asyncio.ensure_future(self._over.wait())
        try:
            await asyncio.wait({hearing, ending}, return_when=asyncio.FIRST_COMPLETED)
            if hearing.done() and not self._over.is_set():
                message = hearing.result()
                if message["type"] != "websocket.receive" or await self._holds(used=True):
                    return message
                await self._hang_up()
            return {"type": "websocket.disconnect", "code": ENDED}
        finally:
            hearing.cancel()
            ending.cancel()

    async def send(self, message: Message) -> None:
        """Pass on what the pages say, and remember the files that they announce."""
        if self._over.is_set():
            return
        if message["type"] == "websocket.accept":
            self._accepted = True
        elif message["type"] == "websocket.send" and message.get("bytes"):
            self._announced.hear(self._key, message["bytes"])
        await self._send(message)

    async def _holds(self, *, used: bool) -> bool:
        house = self._house
        try:
            found = await look(session, house.store, self._key, house.clock(), used=used)
        except UebergangError:
            return False  # without the store nobody knows: then nobody is let in
        return found is not None and not found.account.one_time

    async def _hang_up(self) -> None:
        if self._over.is_set():
            return
        self._over.set()
        self._announced.forget(self._key)
        # Whoever is gone already needs no farewell.
        with suppress(Exception):
            if self._accepted and self._house.farewell is not None:
                await self._send({"type": "websocket.send", "bytes": self._house.farewell})
            await self._send({"type": "websocket.close", "code": ENDED})


def _is_navigation(headers: Headers) -> bool:
    """Whether a person opens a page, and not a program or a part of a page."""
    mode = headers.get("sec-fetch-mode")
    return mode == "navigate" if mode else "text/html" in headers.get("accept", "")


def _here(asked: HTTPConnection) -> str:
    """The address that was asked for, within this house."""
    path = "/" + quote(asked.scope["path"].lstrip("/\\"))
    query = asked.scope["query_string"].decode("latin-1")
    return f"{path}?{query}" if query else path


def _hostname(host: str) -> str:
    """The host of a `Host` header without its port; empty for what is none."""
    try:
        parts = urlsplit(f"//{host}")
        plain = parts.username is None and not parts.path and not parts.query
        return (parts.hostname or "").rstrip(".") if plain else ""
    except ValueError:
        return ""
