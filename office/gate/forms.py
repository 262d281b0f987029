"""What does somebody see who is not in yet? Plain HTML in German and English, without a script."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from urllib.parse import urlencode

from office.gate.house import PASSWORD, SIGN_IN, SIGN_OUT, STATEMENT, STYLE, TO_PROVIDER
from office.passwords import SHORTEST, Weakness
from office.words import Language, say

_OTHER: dict[Language, tuple[Language, str]] = {"de": ("en", "English"), "en": ("de", "Deutsch")}

CSS = """
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; grid-template-rows: 1fr auto;
  font: 1.0625rem/1.5 "Source Sans 3", "Source Sans Pro", system-ui, sans-serif;
  color: #1b1f24; background: #f3f5f8; }
main { align-self: center; justify-self: center; width: min(26rem, 100% - 2rem); margin: 2rem 0;
  padding: 2rem; background: #fff; border: 1px solid #d5dbe3; border-radius: .5rem; }
.house { margin: 0 0 .25rem; font-weight: 600; color: #1f4e79; }
h1 { margin: 0 0 1.25rem; font-size: 1.6rem; line-height: 1.25; }
label { display: block; margin: 1rem 0 .25rem; font-weight: 600; }
.hint { margin: .25rem 0 0; color: #4a5560; font-size: .95rem; }
input { width: 100%; padding: .6rem .75rem; font: inherit; color: inherit; background: #fff;
  border: 1px solid #6b7683; border-radius: .375rem; }
button, .button { display: block; width: 100%; margin: 1.5rem 0 0; padding: .65rem 1rem;
  font: inherit; font-weight: 600; text-align: center; text-decoration: none; color: #fff;
  background: #1f4e79; border: 1px solid #1f4e79; border-radius: .375rem; cursor: pointer; }
.other { color: #1f4e79; background: #fff; }
button:hover, .button:hover { background: #173c5e; color: #fff; }
:focus-visible { outline: 3px solid #b35900; outline-offset: 2px; }
.note { margin: 0 0 1rem; padding: .75rem 1rem; border-left: .3rem solid #1f4e79;
  background: #eef3f8; }
.note.wrong { border-color: #a4262c; background: #fbeeee; }
a { color: #1f4e79; }
footer { padding: 1rem; display: flex; gap: 1.5rem; justify-content: center; }
h2 { margin: 1.5rem 0 .5rem; font-size: 1.15rem; }
""".lstrip()

_WEAK: dict[Weakness, str] = {
    Weakness.TOO_SHORT: "This password is too short: at least {least} characters.",
    Weakness.TOO_LONG: "This password is too long.",
    Weakness.LIKE_NAME: "This password is little more than the user name.",
    Weakness.REPEATS: "This password is made of too few different characters.",
}


def weak_words(weakness: Weakness, language: Language) -> str:
    """Why a password can't be taken, for who chose it."""
    return say(_WEAK[weakness], language, least=SHORTEST)


def sign_in_page(
    language: Language,
    token: str,
    *,
    onward: str = "/",
    name: str = "",
    wrong: str = "",
    told: str = "",
    passwords: bool = True,
    provider: str | None = None,
) -> str:
    """The form at the door; `wrong` says what went wrong, `told` what happened before."""
    parts = [_note(wrong, told)]
    if passwords:
        marked = ' aria-describedby="wrong"' if wrong else ""
        first, second = (" autofocus", "") if not name else ("", " autofocus")
        parts += [
            f'<form method="post" action="{SIGN_IN}">{_hidden(token, onward, language)}',
            f'<label for="name">{say("User name", language)}</label>',
            f'<input id="name" name="name" value="{escape(name)}" autocomplete="username" '
            f'autocapitalize="none" spellcheck="false" maxlength="80" required{marked}{first}>',
            f'<label for="password">{say("Password", language)}</label>',
            '<input id="password" name="password" type="password" maxlength="200" '
            f'autocomplete="current-password" required{marked}{second}>',
            f"<button>{say('Sign in', language)}</button></form>",
        ]
    if provider is not None:
        query = urlencode({"next": onward, "lang": language})
        words = escape(say("Sign in with {provider}", language, provider=provider))
        kind = "button other" if passwords else "button"
        parts.append(f'<a class="{kind}" href="{TO_PROVIDER}?{escape(query)}">{words}</a>')
    here = {} if onward == "/" else {"next": onward}
    return _page(say("Sign in", language), "".join(parts), language, SIGN_IN, here)


def password_page(
    language: Language, token: str, *, name: str, first: bool, wrong: str = ""
) -> str:
    """The form for a password of one's own; at the `first` sign-in nothing else is open."""
    why = say("Your password was for one time only. Please choose one of your own.", language)
    marked = " wrong" if wrong else ""
    parts = [_note(wrong, why if first and not wrong else "")]
    parts.append(f'<form method="post" action="{PASSWORD}">{_hidden(token, "/", language)}')
    # Password managers file the new password under the name that stands beside it.
    parts.append(f'<input hidden name="name" value="{escape(name)}" autocomplete="username">')
    if not first:
        parts.append(
            f'<label for="old">{say("Password so far", language)}</label>'
            '<input id="old" name="old" type="password" autocomplete="current-password" '
            'maxlength="200" required autofocus>'
        )
    advice = "At least {least} characters; several words are easy to keep in mind."
    hint = say(advice, language, least=SHORTEST)
    parts += [
        f'<label for="new">{say("New password", language)}</label>',
        '<input id="new" name="new" type="password" autocomplete="new-password" maxlength="200" '
        f'required aria-describedby="hint{marked}"{" autofocus" if first else ""}>',
        f'<p class="hint" id="hint">{hint}</p>',
        f'<label for="again">{say("New password again", language)}</label>',
        '<input id="again" name="again" type="password" autocomplete="new-password" '
        'maxlength="200" required>',
        f"<button>{say('Save password', language)}</button></form>",
        _way_out(first, language),
    ]
    return _page(say("Choose a password", language), "".join(parts), language, PASSWORD)


def _way_out(first: bool, language: Language) -> str:
    if first:
        return f'<p><a href="{SIGN_OUT}?lang={language}">{say("Sign out", language)}</a></p>'
    return f'<p><a href="/?lang={language}">{say("Back without a change", language)}</a></p>'


def sign_out_page(language: Language, token: str) -> str:
    """Asks once more, since a link alone must sign nobody out."""
    body = (
        f"<p>{say('You are then signed out in all tabs of this browser.', language)}</p>"
        f'<form method="post" action="{SIGN_OUT}">{_hidden(token, "/", language)}'
        f"<button autofocus>{say('Sign out', language)}</button></form>"
        f'<a class="button other" href="/">{say("Back", language)}</a>'
    )
    return _page(say("Sign out", language), body, language, SIGN_OUT)


def word_page(language: Language, title: str, words: str) -> str:
    """A page that only says something, with the way back to the door."""
    body = (
        f'<p class="note wrong" role="alert">{escape(words)}</p>'
        f'<a class="button other" href="{SIGN_IN}">{say("To the sign-in", language)}</a>'
    )
    return _page(title, body, language, None)


#: What the accessibility statement says, in its order: headings and paragraphs.
_STATEMENT: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "How far it is open to everybody",
        (
            "Übergang is made to meet WCAG 2.1 AA and EN 301 549, as BITV 2.0 asks of public "
            "offices. With each change every page of every role is checked by axe-core in both "
            "languages, wide and on a telephone, and one whole task is done by keyboard alone. "
            "Papers are tagged PDF (PDF/UA-1).",
            "These are checks by machine and by ourselves. Nobody outside has examined it yet.",
        ),
    ),
    (
        "What is not",
        (
            "Day, month and year of a date field lie closer together than they should. A date can "
            "be typed instead.",
            "Maps and charts are pictures; each has its figures as a table beside it.",
            "A few words of the frame around the pages stay English: the calendar of a date field, "
            "and the way to a chart as a picture.",
        ),
    ),
)


def statement_page(language: Language, contact: str | None) -> str:
    """The accessibility statement: what holds, what does not, and whom to tell."""
    parts = [
        f"<h2>{say(heading, language)}</h2>"
        + "".join(f"<p>{say(words, language)}</p>" for words in paragraphs)
        for heading, paragraphs in _STATEMENT
    ]
    parts.append(f"<h2>{say('Whom to tell of a barrier', language)}</h2>")
    if contact:
        parts.append(f"<p>{escape(contact)}</p>")
    else:
        parts.append(f"<p>{say('The administration of this house.', language)}</p>")
    arbiter = "Whoever gets no answer that helps can turn to the state\u2019s ombuds office."
    parts.append(f"<p>{say(arbiter, language)}</p>")
    back = say("To the start page", language)
    parts.append(f'<a class="button other" href="/?lang={language}">{back}</a>')
    return _page(say("Accessibility", language), "".join(parts), language, STATEMENT)


def bounce_page(onward: str, language: Language) -> str:
    """Goes on to an address of ours: from here the browser brings its cookie along."""
    body = f'<p><a href="{escape(onward)}">{say("Continue", language)}</a></p>'
    refresh = f'<meta http-equiv="refresh" content="0; url={escape(onward)}">'
    return _page(say("One moment", language), body, language, None, head=refresh)


def _note(wrong: str, told: str) -> str:
    if wrong:
        return f'<p class="note wrong" id="wrong" role="alert">{escape(wrong)}</p>'
    return f'<p class="note" role="status">{escape(told)}</p>' if told else ""


def _hidden(token: str, onward: str, language: Language) -> str:
    fields = {"token": token, "next": onward, "lang": language}
    return "".join(
        f'<input type="hidden" name="{name}" value="{escape(value)}">'
        for name, value in fields.items()
    )


def _page(
    title: str,
    body: str,
    language: Language,
    path: str | None,
    query: Mapping[str, str] | None = None,
    head: str = "",
) -> str:
    other, own_name = _OTHER[language]
    links = []
    if path is not None:
        address = escape(f"{path}?{urlencode({**(query or {}), 'lang': other})}")
        links.append(f'<a href="{address}" lang="{other}" hreflang="{other}">{own_name}</a>')
    if path != STATEMENT:
        words = say("Accessibility", language)
        links.append(f'<a href="{STATEMENT}?lang={language}">{words}</a>')
    footer = f"<footer>{' '.join(links)}</footer>"
    return (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8">'
        f"<title>{escape(title)} – Übergang</title>"
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<link rel="stylesheet" href="{STYLE}"><link rel="icon" href="data:,">{head}</head>'
        f'<body><main><p class="house">Übergang</p><h1>{escape(title)}</h1>{body}</main>'
        f"{footer}</body></html>\n"
    )
