"""Names of voices and languages, of both vendors."""

from __future__ import annotations

import pytest

from roomtone.cxml.verbs.voices import LANGUAGES, POLLY, Voice, language, voice


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("man", Voice("man", "male")),
        ("woman", Voice("woman", "female")),
        (" alice ", Voice("alice", "female")),
        ("Polly.Vicki", Voice("Polly.Vicki", "female", "de-DE")),
        ("Polly.Matthew-Neural", Voice("Polly.Matthew-Neural", "male", "en-US")),
        ("amazon.Joanna:neural", Voice("amazon.Joanna:neural", "female", "en-US")),
        ("Google.de-DE-Standard-A", Voice("Google.de-DE-Standard-A", None, "de-DE")),
        ("gcloud.fr-FR-Neural2-A", Voice("gcloud.fr-FR-Neural2-A", None, "fr-FR")),
        ("azure.en-GB-RyanNeural", Voice("azure.en-GB-RyanNeural", None, "en-GB")),
        ("elevenlabs.rachel", Voice("elevenlabs.rachel")),
        ("Polly.Nobody", Voice("Polly.Nobody")),
    ],
)
def test_a_voice_is_known_by_language_and_gender(text: str, found: Voice) -> None:
    assert voice(text, "") == found


@pytest.mark.parametrize("text", ["", "robot", "Polly.", ".Joanna", "acme.Bob"])
def test_what_no_vendor_has_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a voice"):
        voice(text, "")


@pytest.mark.parametrize(
    ("text", "tag"),
    [("de", "de"), ("en-us", "en-US"), ("pt_BR", "pt-BR"), ("zh-Hant-TW", "zh-TW"), ("es-419", "es-419")],
)
def test_a_language_is_read_in_any_case(text: str, tag: str) -> None:
    assert language(text, "") == tag


@pytest.mark.parametrize("text", ["", "english", "xx", "tlh-KL", "en-USA", "e n"])
def test_what_is_no_language_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a language"):
        language(text, "")


def test_every_voice_speaks_a_language_that_is_known() -> None:
    assert {tag.partition("-")[0] for tag in POLLY.values()} <= LANGUAGES
