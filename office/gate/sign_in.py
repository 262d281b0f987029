"""How does somebody get in, and out again? The gate's own routes.

Each form carries a token that is bound to the browser that asked for it and to its session. A new
session gets a new secret whatever the browser brought along; who is signed in by it is looked up
anew with every request.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from secrets import compare_digest
from typing import NamedTuple
from urllib.parse import parse_qs

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from data.store.accounts import Account, account, name_of, renew_hash, set_language, set_password
from data.store.opening import Store
from data.store.sign_ins import (
    Session,
    begin_session,
    forget_tries,
    key_of,
    note_lock,
    try_password,
)
from matching.errors import FaultyInput
from office.gate.forms import (
    CSS,
    password_page,
    sign_in_page,
    sign_out_page,
    statement_page,
    weak_words,
    word_page,
)
from office.gate.headers import FORMS, language_wanted
from office.gate.house import (
    PASSWORD,
    SIGN_IN,
    SIGN_OUT,
    STATEMENT,
    STYLE,
    Crowded,
    House,
    form_token,
    inside,
    known_mark,
    look,
    new_secret,
    prove,
    sign_out,
    tries_of,
)
from office.passwords import hash_of, is_outdated, is_right, weakness_of
from office.words import Language, say

#: A form of ours is far smaller; more is not read.
_LARGEST = 16_384

#: How long a one-time password waits for its one time.
ONE_TIME = timedelta(days=7)

#: How long a browser is known as one in which somebody has signed in.
KNOWN_FOR = timedelta(days=180)

_LOCKED = "Too many attempts. Please wait a quarter of an hour, then try again."


class SignIn:
    """The routes of the gate: in, out, and a password of one's own."""

    def __init__(self, house: House) -> None:
        self._house = house

    def routes(self) -> list[Route]:
        """The routes, for the `routes` of `st.App`."""
        both = ["GET", "POST"]
        return [
            Route(SIGN_IN, self.sign_in, methods=both),
            Route(SIGN_OUT, self.sign_out, methods=both),
            Route(PASSWORD, self.password, methods=both),
            Route(STATEMENT, self.statement),
            Route(STYLE, _style),
        ]

    async def statement(self, request: Request) -> Response:
        """What barriers there are, and whom to tell; open to everybody."""
        page = statement_page(_language(request), self._house.settings.contact)
        return HTMLResponse(page)

    # In -------------------------------------------------------------------------------------------

    async def sign_in(self, request: Request) -> Response:
        """Show the form at the door, or try what was filled in."""
        found = await look(self._house.session, request.cookies)
        if request.method == "POST":
            return await self._try(request)
        onward = inside(request.query_params.get("next", "/"))
        if found is not None:
            return RedirectResponse(onward, 303)
        language = _language(request)
        ended = "ended" in request.query_params
        told = say("You have been signed out.", language) if ended else ""
        return self._door(request, language, onward=onward, told=told)

    async def _try(self, request: Request) -> Response:
        form = await _form(request)
        language = _language(request, form)
        onward, name = inside(form.get("next", "/")), form.get("name", "")[:80]

        def again(words: str, status: int) -> Response:
            wrong = say(words, language)
            return self._door(request, language, status, onward=onward, name=name, wrong=wrong)

        if not self._is_ours(request, form, None) or not self._house.settings.passwords:
            return again("This form had expired. Please try again.", 403)
        try:
            browser = request.cookies.get(self._house.known_cookie)
            left, known = await prove(self._prove, name, form.get("password", ""), browser)
        except Crowded:
            return again("Too many people are signing in. Please try again in a moment.", 503)
        if known is None:
            if left == 0:
                # After the answer, so that its time doesn't tell whether there is such a user.
                response = again(_LOCKED, 429)
                response.background = BackgroundTask(look, note_lock, self._house.store, name)
                return response
            locked = left is None
            words = "User name or password is wrong." if not locked else _LOCKED
            return again(words, 429 if locked else 401)
        if language != language_wanted(None, None, request.headers):
            await look(set_language, self._house.store, known.name, language)
        return await self._let_in(request, known.name, PASSWORD if known.one_time else onward)

    def _prove(
        self, name: str, password: str, browser: str | None
    ) -> tuple[int | None, Account | None]:
        """How many tries are left, and who it is, if the password is theirs."""
        store, now = self._house.store, self._house.clock()
        tries = tries_of(self._house, name, browser)
        left = try_password(store, tries, now)
        if left is None:
            return None, None
        known = _account(store, name)
        kept = None if known is None else known.password
        if not is_right(password, kept) or known is None or kept is None:
            return left, None
        if not known.active or (known.one_time and now - known.changed_at > ONE_TIME):
            return left, None
        forget_tries(store, tries)
        if is_outdated(kept):
            renew_hash(store, known.name, kept, hash_of(password))
        return left, known

    async def _let_in(self, request: Request, name: str, onward: str) -> Response:
        """Begin a session under a new secret; what the browser held before counts no more."""
        secret = await look(self.begin, request.cookies, name)
        response = RedirectResponse(onward, 303)
        self.give(response, secret)
        mark = await look(known_mark, self._house, name)
        self._cookie(response, self._house.known_cookie, mark, lasts=KNOWN_FOR)
        return response

    def begin(self, cookies: Mapping[str, str], name: str) -> str:
        """A new session of somebody in place of this browser's old one; returns its secret."""
        old, secret = cookies.get(self._house.session_cookie), new_secret()
        if old:
            sign_out(self._house.store, key_of(old), self._house.clock())
        begin_session(self._house.store, name, secret, self._house.clock())
        return secret

    def give(self, response: Response, secret: str) -> None:
        """Hand the browser the secret of its session, until it is closed."""
        self._cookie(response, self._house.session_cookie, secret)
        self._cookie(response, self._house.form_cookie, None)

    # Out ------------------------------------------------------------------------------------------

    async def sign_out(self, request: Request) -> Response:
        """Ask once more, then end the session."""
        found = await look(self._house.session, request.cookies)
        if found is None:
            return RedirectResponse(SIGN_IN, 303)
        form = await _form(request) if request.method == "POST" else {}
        language = _language(request, form, found.account)
        if request.method == "GET" or not self._is_ours(request, form, found):
            token = self._token(request, found)
            page = sign_out_page(language, token.value)
            return self._shown(page, token, 200 if request.method == "GET" else 403)
        await look(sign_out, self._house.store, found.key, self._house.clock())
        response = RedirectResponse(f"{SIGN_IN}?ended", 303)
        self._drop_session(response)
        return response

    # A password of one's own ----------------------------------------------------------------------

    async def password(self, request: Request) -> Response:
        """Show the form for another password, or take it."""
        found = await look(self._house.session, request.cookies)
        if found is None or found.account.password is None:
            return RedirectResponse(SIGN_IN if found is None else "/", 303)
        form = await _form(request) if request.method == "POST" else {}
        language = _language(request, form, found.account)
        wrong, status = "", 200
        if request.method == "POST":
            if not self._is_ours(request, form, found):
                wrong = say("This form had expired. Please try again.", language)
                status = 403
            else:
                try:
                    wrong = await prove(self._change, found, form, language)
                except Crowded:
                    wrong = say("Please try again in a moment.", language)
                if not wrong:
                    return await self._let_in(request, found.account.name, "/")
                status = 422
        token = self._token(request, found)
        first, name = found.account.one_time, found.account.name
        page = password_page(language, token.value, name=name, first=first, wrong=wrong)
        return self._shown(page, token, status)

    def _change(self, found: Session, form: Mapping[str, str], language: Language) -> str:
        """Take a new password; what is wrong with it, in words, where something is."""
        store, now, known = self._house.store, self._house.clock(), found.account
        new, old = form.get("new", ""), form.get("old", "")
        if not known.one_time:
            # Counted by the session, so that nobody outside can shut this way, too.
            tries = f"{known.name}\n{found.key}"
            if try_password(store, tries, now) is None:
                return say(_LOCKED, language)
            if not is_right(old, known.password):
                return say("The password so far is wrong.", language)
            forget_tries(store, tries)
        if new != form.get("again"):
            return say("The two new passwords are not the same.", language)
        weakness = weakness_of(new, known.name)
        if weakness is None and is_right(new, known.password):
            return say("This is the password that you had so far.", language)
        if weakness is not None:
            return weak_words(weakness, language)
        set_password(store, known.name, hash_of(new), known.name, now, one_time=False)
        return ""

    # What the routes share ------------------------------------------------------------------------

    def refused(self, request: Request, words: str, status: int) -> Response:
        """A page that says why somebody can't get in."""
        language = _language(request)
        page = word_page(language, say("Sign in", language), say(words, language))
        return HTMLResponse(page, status, headers={"Content-Security-Policy": FORMS})

    def away_cookie(self, response: Response, value: str | None) -> None:
        """The one cookie that must come along when another house sends somebody back to us."""
        self._cookie(response, self._house.away_cookie, value, strict=False)

    def _door(
        self,
        request: Request,
        language: Language,
        status: int = 200,
        *,
        onward: str = "/",
        name: str = "",
        wrong: str = "",
        told: str = "",
    ) -> Response:
        settings = self._house.settings
        token = self._token(request, None)
        page = sign_in_page(
            language,
            token.value,
            onward=onward,
            name=name,
            wrong=wrong,
            told=told,
            passwords=settings.passwords,
            provider=None if settings.provider is None else settings.provider.name,
        )
        return self._shown(page, token, status)

    def _token(self, request: Request, found: Session | None) -> _Token:
        form = request.cookies.get(self._house.form_cookie) or new_secret()
        return _Token(form, form_token(form, None if found is None else found.key))

    def _shown(self, page: str, token: _Token, status: int) -> Response:
        response = HTMLResponse(page, status, headers={"Content-Security-Policy": FORMS})
        self._cookie(response, self._house.form_cookie, token.form)
        return response

    def _is_ours(self, request: Request, form: Mapping[str, str], found: Session | None) -> bool:
        """Whether a form was asked for by this browser, in this session."""
        held, sent = request.cookies.get(self._house.form_cookie), form.get("token", "")
        if not held:
            return False
        right = form_token(held, None if found is None else found.key)
        return compare_digest(sent.encode(), right.encode())

    def _drop_session(self, response: Response) -> None:
        self._cookie(response, self._house.session_cookie, None)

    def _cookie(
        self,
        response: Response,
        name: str,
        value: str | None,
        *,
        strict: bool = True,
        lasts: timedelta | None = None,
    ) -> None:
        age = None if lasts is None else int(lasts.total_seconds())
        response.set_cookie(
            name,
            value or "",
            max_age=0 if value is None else age,
            path="/",
            secure=self._house.settings.secure,
            httponly=True,
            samesite="strict" if strict else "lax",
        )


class _Token(NamedTuple):
    """A form's token, and the form cookie that it is bound to."""

    form: str
    value: str


def _account(store: Store, name: str) -> Account | None:
    try:
        return account(store, name_of(name))
    except FaultyInput:
        return None


async def _form(request: Request) -> dict[str, str]:
    """The fields of a form, each once; nothing of one that is larger than any of ours."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _LARGEST:
            return {}
    text = body.decode("utf-8", "replace")
    fields = parse_qs(text, keep_blank_values=True, max_num_fields=20)
    return {name: values[0] for name, values in fields.items()}


def _language(
    request: Request, form: Mapping[str, str] | None = None, known: Account | None = None
) -> Language:
    asked = (form or {}).get("lang") or request.query_params.get("lang")
    return language_wanted(asked, None if known is None else known.language, request.headers)


async def _style(_: Request) -> Response:
    return Response(CSS, media_type="text/css")
