"""SignalWire's dialect: the Compatibility (cXML, LaML) REST API and its callbacks."""

from __future__ import annotations

from roomtone.dialects.dialect import Dialect
from roomtone.dialects.signalwire import accounts, callbacks, requests, resources, sids
from roomtone.dialects.signalwire.errors import ERRORS
from roomtone.dialects.signalwire.forms import FORMS
from roomtone.dialects.signalwire.limits import LIMITS
from roomtone.dialects.signalwire.paths import PATHS
from roomtone.dialects.signalwire.signatures import SIGNATURES
from roomtone.dialects.signalwire.strictness import STRICTNESS

SIGNALWIRE = Dialect(
    name="signalwire",
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
    call_made=200,
)
