"""Under floor 2: the certificates of a house that nobody else vouches for: a local CA and the server's own."""

from __future__ import annotations

from roomtone.trust.folder import Trust, TrustProblem, open_trust
from roomtone.trust.profile import CIPHERS, harden

__all__ = ["CIPHERS", "Trust", "TrustProblem", "harden", "open_trust"]
