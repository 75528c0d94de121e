"""Headers on every answer of the REST doors, the same in both dialects, since a client looks for its own vendor's.

Sources: OWASP "HTTP Security Response Headers"; RFC 6797 (HSTS), sections 7.2 and 8.1; W3C "Content Security Policy
Level 3"; Twilio's API specification (the CORS headers of each answer); the vendors' SDKs (request ids).
"""

from __future__ import annotations

CROSS_ORIGIN = (
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Allow-Methods", "GET, POST, PATCH, DELETE, HEAD, OPTIONS"),
    (
        "Access-Control-Allow-Headers",
        "Accept, Authorization, Content-Type, If-Match, If-Modified-Since, If-None-Match, If-Unmodified-Since, "  # noqa: ISC004
        "Last-Event-ID",
    ),
    ("Access-Control-Allow-Credentials", "true"),
    (
        "Access-Control-Expose-Headers",
        "X-Request-Id, Twilio-Request-Id, Retry-After, WWW-Authenticate, Warning, ETag, Hint, X-RateLimit-Limit, "  # noqa: ISC004
        "X-RateLimit-Remaining, X-RateLimit-Reset, Location",
    ),
)
"""What pages of other origins may do. With the origin ``*`` no page reads what came by credentials that a browser keeps."""


NEVER_A_PAGE = (
    ("X-Content-Type-Options", "nosniff"),
    (
        "Content-Security-Policy",
        "default-src 'none'; media-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    ("Referrer-Policy", "no-referrer"),
)
"""What a browser may make of an answer: nothing that runs, is framed, or tells where it came from. Sound may be played."""

NOT_KEPT = ("Cache-Control", "no-store")
"""Goes with what is told to somebody known: accounts and keys have their secrets in it."""

ALWAYS_TLS = ("Strict-Transport-Security", "max-age=31536000")
"""Goes with what is told by TLS under a name of the server's own."""


def request_ids(bits128: int) -> tuple[tuple[str, str], ...]:
    """Give the headers that name one request: the same number under both vendors' names."""
    digits = f"{bits128:032x}"
    return (("X-Request-Id", digits), ("Twilio-Request-Id", f"RQ{digits}"))
