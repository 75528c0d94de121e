"""Headers on every answer of the REST doors, the same in both dialects, since a client looks for its own vendor's.

Sources: Twilio's API specification (the CORS headers of each answer); the vendors' SDKs (request ids).
"""

from __future__ import annotations

CROSS_ORIGIN = (
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Allow-Methods", "GET, POST, PATCH, DELETE, HEAD, OPTIONS"),
    (
        "Access-Control-Allow-Headers",
        "Accept, Authorization, Content-Type, If-Match, If-Modified-Since, If-None-Match, If-Unmodified-Since",
    ),
    ("Access-Control-Allow-Credentials", "true"),
    (
        "Access-Control-Expose-Headers",
        "X-Request-Id, Twilio-Request-Id, Retry-After, WWW-Authenticate, Warning, ETag, Hint, X-RateLimit-Limit, "  # noqa: ISC004
        "X-RateLimit-Remaining, X-RateLimit-Reset",
    ),
)
"""What pages of other origins may do. With the origin ``*`` no browser sends along credentials it keeps itself."""


def request_ids(bits128: int) -> tuple[tuple[str, str], ...]:
    """Give the headers that name one request: the same number under both vendors' names."""
    digits = f"{bits128:032x}"
    return (("X-Request-Id", digits), ("Twilio-Request-Id", f"RQ{digits}"))
