"""Under floor 2: the certificates of a house that nobody else vouches for: a local CA and the server's own."""

from __future__ import annotations

from roomtone.trust.folder import Trust, TrustProblem, open_trust

__all__ = ["Trust", "TrustProblem", "open_trust"]
