"""What tells a customer's server that a request is one it has had already. Source: Twilio "Webhooks: idempotency"."""

from __future__ import annotations

IDEMPOTENCY_HEADER = "I-Twilio-Idempotency-Token"
"""Carries the event's id, the same at every attempt; sent in both dialects, since nobody is hurt by it."""
