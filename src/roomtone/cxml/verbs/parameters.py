"""What a document request is told beyond the standard parameters, in the vendors' spelling.

Source: Twilio "VoiceFallbackUrl" (ErrorCode, ErrorUrl); SignalWire sends the same.
"""

from __future__ import annotations

from roomtone.core.exchange import Parameters


def fallback_parameters(code: int, url: str) -> Parameters:
    """Give what a fallback URL is told about the document that failed."""
    return (("ErrorCode", str(code)), ("ErrorUrl", url))
