"""SignalWire's signature header. Source: SignalWire "Webhook signature"; the SDK falls back to the other name."""

from __future__ import annotations

from roomtone.dialects.signatures import Signatures

SIGNATURES = Signatures(headers=("X-SignalWire-Signature", "X-Twilio-Signature"))
