"""Writing: the words of mails and SMS, from the catalogue of a language.

The catalogues are `letters/<language>.json`; both hold the same keys. Links carry
their token in the fragment, which no browser sends to a server and no log sees.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import Environment, StrictUndefined, Template

from functions.cloud.config import Config

LANGUAGES = ("id", "en")
# Which page a mail's button opens. English pages lie under /en.
PAGES = {
    "confirm_email": "/daftar/email/",
    "change_email": "/daftar/email/",
    "reset_password": "/masuk/sandi/",
    "recovery_asked": "/masuk/bukan/",
}
PREFIXES = {"id": "", "en": "/en"}
SMS_LENGTH = 160
# The basic set of GSM 03.38 without its extension, whose signs count double.
GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ ÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)


@dataclass(frozen=True)
class Mail:
    """Subject, plain text, and the same as HTML."""

    subject: str
    text: str
    html: str


def write_mail(config: Config, template: str, language: str, parameters: Mapping[str, Any]) -> Mail:
    """A mail. Raises KeyError for an unknown template, UndefinedError for a missing parameter."""
    catalogue = letters(language)
    values = _values(config, language, template, parameters)
    filled = {
        part: _filled(text, values)
        for part, text in {**catalogue["frame"], **catalogue["mail"][template]}.items()
    }
    parts = {"button": None, "link": values.get("link"), "code": parameters.get("code"), **filled}
    layout = {"language": language, **parts}
    return Mail(
        subject=filled["subject"],
        text=_layout("mail.txt").render(layout),
        html=_layout("mail.html").render(layout),
    )


def write_sms(config: Config, template: str, language: str, parameters: Mapping[str, Any]) -> str:
    """An SMS: at most 160 signs of the GSM alphabet, or ValueError, since more costs double."""
    values = _values(config, language, template, parameters)
    text = str(_filled(letters(language)["sms"][template], values))
    if len(text) > SMS_LENGTH or not set(text) <= GSM:
        raise ValueError(f"the SMS {template} ({language}) does not fit into one message")
    return text


@cache
def letters(language: str) -> dict[str, Any]:
    """The catalogue of a language; Indonesian for any that we do not write."""
    known = language if language in LANGUAGES else LANGUAGES[0]
    return dict(json.loads(_folder().joinpath(f"{known}.json").read_text("utf-8")))


def _folder() -> Any:
    return resources.files("functions.verify").joinpath("letters")


def _values(
    config: Config, language: str, template: str, parameters: Mapping[str, Any]
) -> dict[str, Any]:
    values = {
        **parameters,
        "programme": config.programme,
        "origin": config.origin,
        "domain": config.domain,
    }
    if "kind" in parameters:
        values.update(_photo_words(language, parameters))
    if "answer" in parameters:
        values["answer"] = letters(language)["objections"][parameters["answer"]]
    if "removed_for" in parameters:
        values["reason"] = letters(language)["removals"][parameters["removed_for"]]
    if template in PAGES and "token" in parameters:
        prefix = PREFIXES.get(language, "")
        values["link"] = f"{config.origin}{prefix}{PAGES[template]}#{parameters['token']}"
    return values


def _photo_words(language: str, parameters: Mapping[str, Any]) -> dict[str, str]:
    """`photo`: what it shows; `advice`: each reason of a refusal and what to do about it."""
    words = letters(language)["photos"]
    codes = [code for code in parameters["reasons"].split(",") if code]
    advice = " ".join(words["reasons"][code] for code in codes)
    return {"photo": words["kinds"][parameters["kind"]], "advice": advice}


def _filled(text: str | list[str], values: Mapping[str, Any]) -> Any:
    """A sentence, or a list of them, with its parameters put in."""
    if isinstance(text, list):
        return [_filled(line, values) for line in text]
    return _sentence(text).render(values)


@cache
def _sentence(text: str) -> Template:
    """Sentences are plain text here; the HTML layout escapes them."""
    plain = Environment(undefined=StrictUndefined, autoescape=False)  # noqa: S701
    return plain.from_string(text)


@cache
def _layout(name: str) -> Template:
    environment = Environment(
        undefined=StrictUndefined,
        autoescape=name.endswith(".html"),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.from_string(_folder().joinpath(name).read_text("utf-8"))
