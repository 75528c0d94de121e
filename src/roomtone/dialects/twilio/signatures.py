"""Twilio's signature header. Source: Twilio "Validating Signatures"."""

from __future__ import annotations

from roomtone.dialects.signatures import Signatures

SIGNATURES = Signatures(headers=("X-Twilio-Signature", "X-SignalWire-Signature"))
