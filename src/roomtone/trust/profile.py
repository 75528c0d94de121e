"""How our servers speak TLS: what every browser and library of the last ten years can do, and nothing weaker.

TLS 1.2 with forward secrecy and authenticated encryption, and 1.3. The engine speaks the same by what rustls offers at all.

Source: Mozilla "Server Side TLS", intermediate configuration; without the finite-field key exchange, which no client
needs that knows 1.2.
"""

from __future__ import annotations

import ssl

CIPHERS = ":".join(
    f"ECDHE-{key}-{cipher}"
    for cipher in ("AES128-GCM-SHA256", "AES256-GCM-SHA384", "CHACHA20-POLY1305")
    for key in ("ECDSA", "RSA")
)
"""Of TLS 1.2; those of 1.3 are all good."""


def harden(context: ssl.SSLContext) -> None:
    """Hold a server's context to the profile."""
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(CIPHERS)
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
