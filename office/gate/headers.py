"""What does every answer carry? The headers that keep a browser in the house, and its language."""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import Message, Send

from office.words import LANGUAGES, Language, language_of

#: The pages load nothing from elsewhere and call nobody; charts compile to WebAssembly.
PAGES = (
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; "
    "worker-src 'self' blob:; frame-src 'self'; object-src 'none'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors 'none'"
)

#: The gate's own forms need a style sheet and nothing else.
FORMS = (
    "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)

_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # "no-referrer" would make browsers send "Origin: null" with our own forms.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Robots-Tag": "noindex, nofollow",
}


def harden(message: Message, path: str, secure: bool) -> None:
    """Put the headers on the start of an answer."""
    headers = MutableHeaders(scope=message)
    for name, value in _ALWAYS.items():
        headers[name] = value
    headers.setdefault("Content-Security-Policy", PAGES)
    # The program's own files, named by their content, are the only thing that a browser may keep.
    is_named = "immutable" in headers.get("cache-control", "")
    if not (path.startswith("/static/") and message["status"] == 200 and is_named):
        headers["Cache-Control"] = "no-store"
    if secure:
        headers["Strict-Transport-Security"] = "max-age=31536000"
        message["headers"] = [
            (name, _only_by_tls(value) if name.lower() == b"set-cookie" else value)
            for name, value in message["headers"]
        ]


def _only_by_tls(cookie: bytes) -> bytes:
    return cookie if b"; secure" in cookie.lower() else cookie + b"; Secure"


def language_wanted(query: str | None, own: str | None, headers: Headers) -> Language:
    """The language to speak: of the address, else the user's own, the browser's, else German."""
    asked = headers.get("accept-language", "").split(",")
    named = [query, own, *(part.split(";")[0].strip() for part in asked)]
    return next((one for one in map(language_of, named) if one is not None), LANGUAGES[0])


class InLanguage:
    """An answer whose HTML names the language that it will be shown in.

    The shell of the pages is fixed to English, whatever they say. It is small, so that it is held
    back until it is whole.
    """

    def __init__(self, send: Send, language: Language) -> None:
        self._send = send
        self._language = language
        self._start: Message | None = None
        self._body = b""

    async def send(self, message: Message) -> None:
        """Pass a part of the answer on, changed where it is HTML."""
        if message["type"] == "http.response.start":
            kind = Headers(scope=message).get("content-type", "")
            if not kind.startswith("text/html"):
                await self._send(message)
                return
            self._start = message
        elif self._start is None:
            await self._send(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body"):
                await self._finish(self._start)

    async def _finish(self, start: Message) -> None:
        named = f'<html lang="{self._language}">'.encode()
        body = self._body.replace(b'<html lang="en">', named, 1)
        headers = MutableHeaders(scope=start)
        if body:  # an answer to HEAD says how long the whole would be, and sends nothing
            headers["content-length"] = str(len(body))
        for name in ("etag", "last-modified"):
            if name in headers:
                del headers[name]
        await self._send(start)
        await self._send({"type": "http.response.body", "body": body})
