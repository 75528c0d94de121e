"""Gather: collect keys, while something plays and for a while after.

Keys count from the moment the verb begins; what was pressed before it is not kept (neither vendor documents
type-ahead). A key stops the prompt; `bargeIn` is about speech. What was collected goes to `action`; nothing collected
leads to the next verb.

Sources: SignalWire cXML "Gather"; Twilio TwiML "Gather".
"""

from __future__ import annotations

from dataclasses import dataclass

from roomtone.core.exchange import Parameters
from roomtone.core.values import Method
from roomtone.cxml.attributes import (
    Attribute,
    Table,
    boolean,
    integer,
    location,
    method,
    plain,
    word_set,
)
from roomtone.cxml.oddities import Oddity
from roomtone.cxml.verbs.pause import Pause
from roomtone.cxml.verbs.play import Play, PlayDigits
from roomtone.cxml.verbs.say import Say

KEYS = "0123456789*#"
"""What a phone has."""

PROMPTS = frozenset({"Play", "Say", "Pause"})
"""Elements that may stand inside."""

Prompt = Play | PlayDigits | Say | Pause
"""What may be nested."""


@dataclass(frozen=True, slots=True)
class Gather:
    """Collect keys, then ask for the next document."""

    prompts: tuple[Prompt, ...] = ()
    """Played in order; the first key ends them."""

    action: str | None = None
    """Absolute URL that is told the keys; None: the document's own."""

    method: Method = Method.POST
    """How `action` is asked."""

    inputs: tuple[str, ...] = ("dtmf",)
    """``dtmf``, ``speech`` or both; speech is not understood."""

    timeout_s: int = 5
    """Seconds to wait for the first key after the prompts, and for each key after the one before; 0 to 600."""

    finish_key: str = "#"
    """The key that ends it and is not told; empty: none."""

    num_digits: int | None = None
    """Ends it when so many keys are there, 1 to 1000; None: however many come."""

    action_on_empty: bool = False
    """Whether `action` is asked, too, if no key came."""

    barge_in: bool = True
    """Whether speech ends the prompts; no effect, keys always do."""

    speech_timeout: str | None = None
    hints: str | None = None
    language: str | None = None
    speech_model: str | None = None
    enhanced: bool = False
    profanity_filter: bool = True
    partial_callback: str | None = None
    """Would be told what is understood of speech as it comes; keys are told once, at the end."""

    partial_callback_method: Method = Method.POST

    @property
    def collects_keys(self) -> bool:
        """Whether keys count."""
        return "dtmf" in self.inputs


def _finish_key(text: str, _url: str) -> str:
    key = text.strip()
    if key and (len(key) > 1 or key not in KEYS):
        raise ValueError("neither one key (0 to 9, * or #) nor empty")
    return key


def _speech_timeout(text: str, url: str) -> str:
    wanted = text.strip()
    if wanted != "auto":
        integer(1, 600)(wanted, url)
    return wanted


def _inputs(text: str, url: str) -> tuple[str, ...]:
    found: tuple[str, ...] = word_set("dtmf", "speech")(text, url)
    if not found:
        raise ValueError("neither dtmf nor speech")
    return found


ATTRIBUTES: Table = (
    Attribute("action", "action", location, Oddity.URL_INVALID),
    Attribute("method", "method", method, Oddity.GATHER_METHOD_INVALID),
    Attribute("input", "inputs", _inputs),
    Attribute("timeout", "timeout_s", integer(0, 600), Oddity.GATHER_TIMEOUT_INVALID),
    Attribute("finishOnKey", "finish_key", _finish_key, Oddity.GATHER_FINISH_ON_KEY_INVALID),
    Attribute("numDigits", "num_digits", integer(1, 1_000), Oddity.GATHER_NUM_DIGITS_INVALID),
    Attribute("actionOnEmptyResult", "action_on_empty", boolean),
    Attribute("bargeIn", "barge_in", boolean),
    Attribute("speechTimeout", "speech_timeout", _speech_timeout, Oddity.GATHER_SPEECH_TIMEOUT_INVALID),
    Attribute("hints", "hints", plain),
    Attribute("language", "language", plain),
    Attribute("speechModel", "speech_model", plain),
    Attribute("enhanced", "enhanced", boolean),
    Attribute("profanityFilter", "profanity_filter", boolean),
    Attribute("partialResultCallback", "partial_callback", location, Oddity.URL_INVALID),
    Attribute("partialResultCallbackMethod", "partial_callback_method", method, Oddity.GATHER_METHOD_INVALID),
)


def action_parameters(digits: str) -> Parameters:
    """Give what the `action` URL is told, in the vendors' spelling."""
    return (("Digits", digits),)
