"""Floor 2: has what was said in recordings written down, by a program of the operator's; decides nothing about calls."""

from roomtone.transcripts.program import Transcriber, transcriber_of
from roomtone.transcripts.scribe import Scribe, Tools

__all__ = ["Scribe", "Tools", "Transcriber", "transcriber_of"]
