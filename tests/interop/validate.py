"""Asks an SDK's own validator: cases as JSON on standard input, its judgements as JSON on standard output.

Usage: ``python validate.py twilio|signalwire`` with the Python that has that package.
"""

from __future__ import annotations

import json
import sys

if sys.argv[1] == "signalwire":
    from signalwire.request_validator import RequestValidator
else:
    from twilio.request_validator import RequestValidator

judged = [
    bool(RequestValidator(case["key"]).validate(case["url"], case["form"], case["signature"]))
    for case in json.load(sys.stdin)
]
print(json.dumps(judged))
