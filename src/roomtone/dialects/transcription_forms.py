"""Transcriptions: how one is asked for, and the lists' filters. Asking by REST is Roomtone's own."""

from __future__ import annotations

from roomtone.core.listing import TranscriptionFilter
from roomtone.core.values import Document, Method
from roomtone.dialects import parameters
from roomtone.dialects.fields import Fields

FILTER_NAMES = frozenset({"DateCreated", "DateCreated<", "DateCreated>"})
CREATE_NAMES = frozenset({"TranscribeCallback", "TranscribeCallbackMethod"})


def create(fields: Fields) -> Document | None:
    """Read who is to be told once it is made; None: nobody.

    Raises:
        Refused: URL_INVALID, METHOD_INVALID.
    """
    url = parameters.url(fields, "TranscribeCallback")
    method = parameters.method(fields, "TranscribeCallbackMethod")
    return Document(url, method or Method.POST) if url else None


def wanted(fields: Fields) -> TranscriptionFilter:
    """Read the filters of a list.

    Raises:
        Refused: PARAMETER_INVALID: neither a day nor a moment.
    """
    return TranscriptionFilter(created=parameters.span(fields, "DateCreated"))
