"""The vendors' names of voices and languages, and what they mean to any engine: a language and a gender.

A voice is only ever approximated: what is kept of "Polly.Vicki" is that she speaks German and is a woman.

Sources: Twilio TwiML "Say" (basic, Amazon Polly and Google voices); SignalWire cXML "Say" (man, woman, Polly, gcloud).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

DEFAULT_LANGUAGE = "en-US"

LANGUAGES = frozenset(
    {
        "af", "am", "ar", "arb", "az", "be", "bg", "bn", "bs", "ca", "cmn", "cs", "cy", "da", "de", "el", "en", "eo",
        "es", "et", "eu", "fa", "fi", "fr", "ga", "gu", "he", "hi", "hr", "hu", "hy", "id", "is", "it",
        "ja", "ka", "kk", "kn", "ko", "la", "lt", "lv", "mk", "ml", "mr", "ms", "my", "nb", "ne",
        "nl", "no", "pa", "pl", "pt", "ro", "ru", "si", "sk", "sl", "sq", "sr", "sv", "sw", "ta", "te", "th", "tr",
        "uk", "ur", "uz", "vi", "yue", "zh",
    }
)  # fmt: skip
"""Primary subtags (ISO 639) of the languages that are known."""

_TAG = re.compile(r"([a-z]{2,3})(?:[-_]([a-z]{4}))?(?:[-_]([a-z]{2}|\d{3}))?", re.ASCII | re.IGNORECASE)
_TAG_WITHIN = re.compile(r"(?:^|[.:-])([a-z]{2,3}-[A-Z]{2})(?=-|$)", re.ASCII)

BASIC = {"man": "male", "woman": "female", "alice": "female"}
"""Voices that speak any language."""

POLLY = {
    "Zeina": "arb", "Hala": "ar-AE", "Zayd": "ar-AE", "Arlet": "ca-ES", "Zhiyu": "cmn-CN", "Hiujin": "yue-CN",
    "Naja": "da-DK", "Mads": "da-DK", "Sofie": "da-DK", "Laura": "nl-NL", "Lotte": "nl-NL", "Ruben": "nl-NL",
    "Lisa": "nl-BE", "Nicole": "en-AU", "Olivia": "en-AU", "Russell": "en-AU", "Amy": "en-GB", "Emma": "en-GB",
    "Brian": "en-GB", "Arthur": "en-GB", "Aditi": "en-IN", "Raveena": "en-IN", "Kajal": "en-IN", "Niamh": "en-IE",
    "Aria": "en-NZ", "Ayanda": "en-ZA", "Danielle": "en-US", "Gregory": "en-US", "Ivy": "en-US", "Joanna": "en-US",
    "Kendra": "en-US", "Kimberly": "en-US", "Salli": "en-US", "Joey": "en-US", "Justin": "en-US", "Kevin": "en-US",
    "Matthew": "en-US", "Ruth": "en-US", "Stephen": "en-US", "Geraint": "en-GB", "Suvi": "fi-FI", "Celine": "fr-FR",
    "Lea": "fr-FR", "Mathieu": "fr-FR", "Remi": "fr-FR", "Isabelle": "fr-BE", "Chantal": "fr-CA",
    "Gabrielle": "fr-CA", "Liam": "fr-CA", "Marlene": "de-DE", "Vicki": "de-DE", "Hans": "de-DE", "Daniel": "de-DE",
    "Hannah": "de-AT", "Sabrina": "de-CH", "Dora": "is-IS", "Karl": "is-IS", "Carla": "it-IT", "Bianca": "it-IT",
    "Giorgio": "it-IT", "Adriano": "it-IT", "Mizuki": "ja-JP", "Takumi": "ja-JP", "Kazuha": "ja-JP",
    "Tomoko": "ja-JP", "Seoyeon": "ko-KR", "Liv": "nb-NO", "Ida": "nb-NO", "Ewa": "pl-PL", "Maja": "pl-PL",
    "Ola": "pl-PL", "Jacek": "pl-PL", "Jan": "pl-PL", "Camila": "pt-BR", "Vitoria": "pt-BR", "Ricardo": "pt-BR",
    "Thiago": "pt-BR", "Ines": "pt-PT", "Cristiano": "pt-PT", "Carmen": "ro-RO", "Tatyana": "ru-RU",
    "Maxim": "ru-RU", "Conchita": "es-ES", "Lucia": "es-ES", "Enrique": "es-ES", "Sergio": "es-ES", "Mia": "es-MX",
    "Andres": "es-MX", "Lupe": "es-US", "Penelope": "es-US", "Miguel": "es-US", "Pedro": "es-US",
    "Astrid": "sv-SE", "Elin": "sv-SE", "Filiz": "tr-TR", "Burcu": "tr-TR", "Gwyneth": "cy-GB",
}  # fmt: skip
"""Amazon's voices and their languages."""

_MEN = frozenset(
    {
        "Adriano", "Andres", "Arthur", "Brian", "Cristiano", "Daniel", "Enrique", "Geraint", "Giorgio", "Gregory",
        "Hans", "Jacek", "Jan", "Joey", "Justin", "Karl", "Kevin", "Liam", "Mads", "Mathieu", "Matthew", "Maxim",
        "Miguel", "Pedro", "Remi", "Ricardo", "Ruben", "Russell", "Sergio", "Stephen", "Takumi", "Thiago", "Zayd",
    }
)  # fmt: skip

_PROVIDERS = frozenset({"polly", "amazon", "google", "gcloud", "azure", "elevenlabs", "openai", "rime", "deepgram", "cartesia"})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Voice:
    """What a name of a voice says."""

    name: str
    """As the customer wrote it, trimmed."""

    gender: str | None = None
    """``female`` or ``male``; None: it does not say."""

    language: str | None = None
    """Of the voice itself; None: it speaks any."""


def voice(text: str, _url: str) -> Voice:
    """Read the name of a voice.

    Raises:
        ValueError: No vendor has a voice of such a name.
    """
    wanted = text.strip()
    if wanted.lower() in BASIC:
        return Voice(wanted, BASIC[wanted.lower()])
    provider, dot, rest = wanted.partition(".")
    if not dot or provider.lower() not in _PROVIDERS or not rest:
        raise ValueError("not a voice of either vendor")
    person = re.split(r"[-:@]", rest)[0].title()
    if person in POLLY and provider.lower() in {"polly", "amazon"}:
        return Voice(wanted, "male" if person in _MEN else "female", POLLY[person])
    within = _TAG_WITHIN.search(rest)
    return Voice(wanted, None, within[1] if within else None)


def language(text: str, _url: str) -> str:
    """Read a language's tag (BCP 47): ``de``, ``pt-BR``, ``zh-Hant-TW``.

    Raises:
        ValueError: It is none, or one that is not known.
    """
    found = _TAG.fullmatch(text.strip())
    if found is None or found[1].lower() not in LANGUAGES:
        raise ValueError("not a language that is known")
    region = f"-{found[3].upper()}" if found[3] else ""
    return found[1].lower() + region
