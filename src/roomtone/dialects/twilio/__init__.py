"""Twilio's dialect: the REST API of 2010-04-01 and its callbacks."""

from __future__ import annotations

from roomtone.dialects.dialect import Dialect
from roomtone.dialects.twilio import accounts, callbacks, requests, resources, sids
from roomtone.dialects.twilio.errors import ERRORS
from roomtone.dialects.twilio.forms import FORMS
from roomtone.dialects.twilio.limits import LIMITS
from roomtone.dialects.twilio.paths import PATHS
from roomtone.dialects.twilio.signatures import SIGNATURES
from roomtone.dialects.twilio.strictness import STRICTNESS

TWILIO = Dialect(
    name="twilio",
    sids=sids,
    forms=FORMS,
    resources=resources,
    accounts=accounts,
    callbacks=callbacks,
    requests=requests,
    errors=ERRORS,
    signatures=SIGNATURES,
    paths=PATHS,
    limits=LIMITS,
    strictness=STRICTNESS,
    call_made=201,
)
