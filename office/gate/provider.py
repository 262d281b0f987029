"""How does somebody sign in with an account of their own office? OpenID Connect, by Authlib.

The code flow with PKCE, state and nonce. What must be remembered meanwhile stands in the store,
counts once, and is bound to the browser by a cookie. Who somebody is: issuer and subject of the ID
token. What they are here: the values of one claim, by the whitelist of the settings; who has none
of them stays outside.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.starlette_client import OAuth
from joserfc.errors import JoseError
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from data.store.accounts import Account, Grant, admit_from_provider
from data.store.sign_ins import come_back, leave_for_provider
from matching.errors import FaultyInput
from office.gate.forms import bounce_page
from office.gate.headers import FORMS, language_wanted
from office.gate.house import FROM_PROVIDER, TO_PROVIDER, House, inside, look, new_secret
from office.gate.settings import ProviderSettings
from office.gate.sign_in import SignIn

#: Signatures that only the provider can make. Those by a shared secret are not among them.
_SIGNED = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
)

_SECONDS = 10


class Provider:
    """The way to one identity provider and back."""

    def __init__(self, house: House, settings: ProviderSettings, sign_in: SignIn) -> None:
        self._house = house
        self._settings = settings
        self._sign_in = sign_in
        self._client = OAuth().register(
            "provider",
            client_id=settings.client,
            client_secret=settings.secret,
            server_metadata_url=settings.issuer.rstrip("/") + "/.well-known/openid-configuration",
            client_kwargs={
                "scope": settings.scope,
                "code_challenge_method": "S256",
                "timeout": _SECONDS,
                "token_endpoint_auth_method": "client_secret_basic" if settings.secret else "none",
            },
        )

    def routes(self) -> list[Route]:
        """The routes, for the `routes` of `st.App`."""
        return [Route(TO_PROVIDER, self.leave), Route(FROM_PROVIDER, self.back)]

    async def leave(self, request: Request) -> Response:
        """Send somebody to the provider, who asks them anew who they are."""
        remembered: dict[str, Any] = {}
        try:
            await self._load()
            response: Response = await self._client.authorize_redirect(
                _with(request, remembered), self._return_address(request), prompt="login"
            )
        except (AuthlibBaseError, httpx2.HTTPError, ValueError):
            words = "The sign-in service can't be reached. Please try again later."
            return self._sign_in.refused(request, words, 502)
        remembered["next"] = inside(request.query_params.get("next", "/"))
        secret = new_secret()
        store, now = self._house.store, self._house.clock()
        await look(leave_for_provider, store, secret, remembered, now)
        self._sign_in.away_cookie(response, secret)
        return response

    async def back(self, request: Request) -> Response:
        """Let in whom the provider vouches for, if the whitelist has a role for them."""
        secret = request.cookies.get(self._house.away_cookie)
        remembered = (
            await look(come_back, self._house.store, secret, self._house.clock())
            if secret
            else None
        )
        response = await self._admit(request, remembered)
        self._sign_in.away_cookie(response, None)
        return response

    async def _admit(self, request: Request, remembered: dict[str, Any] | None) -> Response:
        failed = "The sign-in did not succeed. Please try again."
        if remembered is None:
            return self._sign_in.refused(request, failed, 400)
        onward = inside(str(remembered.pop("next", "/")))
        try:
            claims = await self._claims(_with(request, remembered))
        except (AuthlibBaseError, JoseError, httpx2.HTTPError, ValueError, KeyError):
            return self._sign_in.refused(request, failed, 400)
        grants = granted(self._settings, claims)
        if not grants:
            words = "No role here is meant for your account. Please ask your administrator."
            return self._sign_in.refused(request, words, 403)
        name = claims.get(self._settings.name_claim) or claims["sub"]
        try:
            known = await look(self._take_in, str(claims["sub"]), str(name), grants)
        except FaultyInput:
            words = "Your user name can't be used here. Please ask your administrator."
            return self._sign_in.refused(request, words, 403)
        if known is None:
            words = "Your account is switched off here. Please ask your administrator."
            return self._sign_in.refused(request, words, 403)
        secret = await look(self._sign_in.begin, request.cookies, known.name)
        # Not a redirect: the browser comes from elsewhere and would leave the new cookie at home.
        page = bounce_page(onward, language_wanted(None, known.language, request.headers))
        response = HTMLResponse(page, headers={"Content-Security-Policy": FORMS})
        self._sign_in.give(response, secret)
        return response

    async def _claims(self, request: Request) -> Mapping[str, Any]:
        """What a checked ID token says. Raises what Authlib, joserfc and httpx raise."""
        await self._load()
        options = {
            "iss": {"essential": True, "values": [self._client.server_metadata["issuer"]]},
            "aud": {"essential": True, "value": self._settings.client},
            "sub": {"essential": True},
            "nonce": {"essential": True},
        }
        token = await self._client.authorize_access_token(request, claims_options=options)
        claims = token["userinfo"]  # there only with an ID token whose nonce is ours
        if not isinstance(claims.get("sub"), str) or not claims["sub"]:
            raise ValueError("sub")
        return dict(claims)

    async def _load(self) -> None:
        """Ask the provider how it works, once; raises `ValueError` if it is another than named."""
        told = await self._client.load_server_metadata()
        if str(told.get("issuer", "")).rstrip("/") != self._settings.issuer.rstrip("/"):
            self._client.server_metadata.clear()
            raise ValueError("issuer")
        offered = told.get("id_token_signing_alg_values_supported", ["RS256"])
        told["id_token_signing_alg_values_supported"] = sorted(_SIGNED & set(offered))

    def _return_address(self, request: Request) -> str:
        address = self._house.settings.address
        return (address or f"http://{request.headers['host']}") + FROM_PROVIDER

    def _take_in(self, subject: str, name: str, grants: tuple[Grant, ...]) -> Account | None:
        store, now = self._house.store, self._house.clock()
        return admit_from_provider(store, self._settings.issuer, subject, name, grants, now)


def _with(request: Request, remembered: dict[str, Any]) -> Request:
    """The request as Authlib wants it: what it must remember, and nobody else, stands in it."""
    return Request({**request.scope, "session": remembered}, request.receive)


def granted(settings: ProviderSettings, claims: Mapping[str, Any]) -> tuple[Grant, ...]:
    """The roles that the whitelist has for somebody's claims."""
    found: Any = claims
    for part in settings.roles_claim.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    values = [found] if isinstance(found, str) else found if isinstance(found, list) else []
    return tuple(Grant(line.role, line.school) for line in settings.roles if line.value in values)
