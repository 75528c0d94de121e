"""Routes of what an account has: numbers, documents, applications, keys, and itself."""

from __future__ import annotations

from collections.abc import Iterator

from roomtone.api import (
    accounts,
    applications,
    audio_files,
    available,
    bins,
    deliveries,
    ice,
    keys,
    numbers,
    signature_keys,
)
from roomtone.api.bodies import LARGEST_DOCUMENT
from roomtone.api.route import OPEN, Route
from roomtone.core.pool import NumberKind
from roomtone.dialects import (
    account_forms,
    application_forms,
    audio_file_forms,
    available_forms,
    bin_forms,
    check_resources,
    ice_resources,
    key_forms,
    number_forms,
    paging,
    signature_key,
)

_NUMBERS = ("IncomingPhoneNumbers",)
_BINS = ("LamlBins",)
_AUDIO_FILES = ("AudioFiles",)
_APPLICATIONS = ("Applications",)
_AVAILABLE = ("AvailablePhoneNumbers",)
_TOKENS = ("tokens",)
_SIGNATURE_KEY = ("SignatureKey",)


def _keys(name: str, key: str, word: str) -> Iterator[Route]:
    """Name the operations on API keys, which have two names."""
    yield Route(f"{name}.list", "GET", (word,), keys.list_of(key, word), paging.NAMES, "twilio")
    yield Route(f"{name}.create", "POST", (word,), keys.create, key_forms.KEY_NAMES, "twilio")
    yield Route(f"{name}.fetch", "GET", (word, OPEN), keys.fetch, vendors="twilio")
    yield Route(f"{name}.update", "POST", (word, OPEN), keys.update, key_forms.KEY_NAMES, "twilio")
    yield Route(f"{name}.delete", "DELETE", (word, OPEN), keys.delete, vendors="twilio")


def _of_kind(name: str, word: str, kind: NumberKind) -> Iterator[Route]:
    """Name the operations on claimed numbers of one kind."""
    pattern, filters = (*_NUMBERS, word), number_forms.FILTER_NAMES | paging.NAMES
    list_, create = numbers.list_of_kind(kind, word), numbers.create_of_kind(kind)
    yield Route(f"{name}-numbers.list", "GET", pattern, list_, filters, "twilio")
    yield Route(
        f"{name}-numbers.create", "POST", pattern, create, number_forms.CREATE_OF_KIND_NAMES, "twilio"
    )


ACCOUNTS = (
    Route("numbers.create", "POST", _NUMBERS, numbers.create, number_forms.CREATE_NAMES),
    Route("numbers.list", "GET", _NUMBERS, numbers.list_, number_forms.FILTER_NAMES | paging.NAMES),
    Route("numbers.fetch", "GET", (*_NUMBERS, OPEN), numbers.fetch),
    Route("numbers.update", "POST", (*_NUMBERS, OPEN), numbers.update, number_forms.UPDATE_NAMES),
    Route("numbers.delete", "DELETE", (*_NUMBERS, OPEN), numbers.delete),
    Route("bins.create", "POST", _BINS, bins.create, bin_forms.NAMES, "signalwire", LARGEST_DOCUMENT),
    Route("bins.list", "GET", _BINS, bins.list_, bin_forms.FILTER_NAMES | paging.NAMES, "signalwire"),
    Route(
        "document-checks.create",
        "POST",
        (*_BINS, "Checks"),
        bins.check,
        check_resources.NAMES,
        "neither",
        LARGEST_DOCUMENT,
    ),
    Route("bins.fetch", "GET", (*_BINS, OPEN), bins.fetch, vendors="signalwire"),
    Route(
        "bins.update", "POST", (*_BINS, OPEN), bins.update, bin_forms.NAMES, "signalwire", LARGEST_DOCUMENT
    ),
    Route("bins.delete", "DELETE", (*_BINS, OPEN), bins.delete, vendors="signalwire"),
    Route(
        "audio-files.create",
        "POST",
        _AUDIO_FILES,
        audio_files.create,
        audio_file_forms.CREATE_NAMES,
        "neither",
        audio_file_forms.LARGEST_BODY,
        raw="Content",
    ),
    Route("audio-files.list", "GET", _AUDIO_FILES, audio_files.list_, paging.NAMES, "neither"),
    Route("audio-files.fetch", "GET", (*_AUDIO_FILES, OPEN), audio_files.fetch, vendors="neither"),
    Route("audio-files.delete", "DELETE", (*_AUDIO_FILES, OPEN), audio_files.delete, vendors="neither"),
    Route("applications.create", "POST", _APPLICATIONS, applications.create, application_forms.NAMES),
    Route(
        "applications.list",
        "GET",
        _APPLICATIONS,
        applications.list_,
        application_forms.FILTER_NAMES | paging.NAMES,
    ),
    Route("applications.fetch", "GET", (*_APPLICATIONS, OPEN), applications.fetch),
    Route(
        "applications.update", "POST", (*_APPLICATIONS, OPEN), applications.update, application_forms.NAMES
    ),
    Route("applications.delete", "DELETE", (*_APPLICATIONS, OPEN), applications.delete),
    Route("available-numbers.list", "GET", _AVAILABLE, available.list_countries),
    Route("available-numbers.fetch", "GET", (*_AVAILABLE, OPEN), available.fetch_country),
    *(
        Route(
            f"available-{name}-numbers.list",
            "GET",
            (*_AVAILABLE, OPEN, word),
            available.list_numbers(kind, word),
            available_forms.FILTER_NAMES | paging.NAMES,
            vendors,
        )
        for name, word, kind, vendors in (
            ("local", "Local", NumberKind.LOCAL, "both"),
            ("toll-free", "TollFree", NumberKind.TOLL_FREE, "both"),
            ("mobile", "Mobile", NumberKind.MOBILE, "twilio"),
        )
    ),
    Route(
        "imported-numbers.create",
        "POST",
        ("ImportedPhoneNumbers",),
        numbers.import_,
        number_forms.IMPORT_NAMES,
        "signalwire",
    ),
    Route(
        "accounts.list",
        "GET",
        (),
        accounts.list_,
        account_forms.FILTER_NAMES | paging.NAMES,
        of_account=False,
    ),
    Route("accounts.create", "POST", (), accounts.create, account_forms.CREATE_NAMES, of_account=False),
    Route("accounts.fetch", "GET", (), accounts.fetch),
    Route("accounts.update", "POST", (), accounts.update, account_forms.UPDATE_NAMES),
    Route("tokens.list", "GET", _TOKENS, keys.list_of("tokens", "tokens"), paging.NAMES, "neither"),
    Route("tokens.fetch", "GET", (*_TOKENS, OPEN), keys.fetch_token, vendors="neither"),
    Route("tokens.create", "POST", _TOKENS, keys.create_token, key_forms.TOKEN_CREATE_NAMES, "signalwire"),
    Route(
        "tokens.update",
        "PATCH",
        (*_TOKENS, OPEN),
        keys.update_token,
        key_forms.TOKEN_UPDATE_NAMES,
        "signalwire",
    ),
    Route("tokens.delete", "DELETE", (*_TOKENS, OPEN), keys.delete, vendors="signalwire"),
    *_keys("keys", "keys", "Keys"),
    *_keys("signing-keys", "signing_keys", "SigningKeys"),
    Route("signature-keys.fetch", "GET", _SIGNATURE_KEY, signature_keys.fetch, vendors="neither"),
    Route(
        "signature-keys.create",
        "POST",
        _SIGNATURE_KEY,
        signature_keys.create,
        signature_key.NAMES,
        "neither",
    ),
    Route(
        "signature-keys.delete",
        "DELETE",
        (*_SIGNATURE_KEY, "Former"),
        signature_keys.delete_former,
        vendors="neither",
    ),
    Route(
        "replays.create",
        "POST",
        ("Deliveries",),
        deliveries.replay_of_account,
        deliveries.REPLAY_NAMES,
        "neither",
    ),
    Route("ice-servers.create", "POST", ("Tokens",), ice.create, ice_resources.TTL_NAMES, "twilio"),
    *_of_kind("local", "Local", NumberKind.LOCAL),
    *_of_kind("mobile", "Mobile", NumberKind.MOBILE),
    *_of_kind("toll-free", "TollFree", NumberKind.TOLL_FREE),
)
"""Accounts and what they own."""
