"""What Twilio takes: forms alone, its own ids, and XML for whoever names no suffix.

Source: Twilio "Requests to the REST API", "Responses"; ``twilio_api_v2010`` specification.
"""

from __future__ import annotations

from types import MappingProxyType

from roomtone.dialects.sids import UUID
from roomtone.dialects.strictness import Strictness

STRICTNESS = Strictness(
    prefixes=frozenset({""}),
    faces=MappingProxyType({"": ".xml", ".json": ".json", ".xml": ".xml", ".csv": ".csv"}),
    foreign_ids=UUID,
    json_bodies=False,
    labels=True,
    odd_muted_is_false=True,
    longest=MappingProxyType({}),
    withheld=frozenset(),
)
