"""Which voice of eSpeak NG speaks a language.

Source: ``espeak-ng --voices`` of version 1.52.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

VOICES: Mapping[str, str] = MappingProxyType(
    {
        "ar-ae": "ar", "arb": "ar", "en-au": "en-gb-x-rp", "en-gb": "en-gb-x-rp", "en-ie": "en-gb-x-rp",
        "en-in": "en-gb-x-rp", "en-nz": "en-gb-x-rp", "en-za": "en-gb-x-rp", "en": "en-us", "es-ar": "es-419",
        "es-cl": "es-419", "es-co": "es-419", "es-mx": "es-419", "es-pe": "es-419", "es-us": "es-419",
        "fr-be": "fr-be", "fr-ch": "fr-ch", "he": "he",
        "no": "nb", "pt-br": "pt-br", "vi": "vi", "zh": "cmn", "zh-hk": "yue", "zh-mo": "yue",
    }
)  # fmt: skip
"""Where the language's first part is not the voice's name."""

FEMALE = "+f2"
"""The variant that makes any voice a woman's; voices are men's by themselves."""


def voice_of(language: str, gender: str | None) -> str:
    """Name the voice for a language (BCP 47) and a gender; the language is one of `roomtone.cxml.verbs.voices`."""
    tag = language.lower()
    first = tag.partition("-")[0]
    name = VOICES.get(tag) or VOICES.get(first) or first
    return name + (FEMALE if gender == "female" else "")
