"""Callers of SIPp that do one thing otherwise than `scenarios/caller.xml`: their scenarios are made of it."""

from __future__ import annotations

from pathlib import Path

from stage.sipp import SCENARIOS


def referred_scenario(folder: Path) -> Path:
    """Write the scenario of a caller who takes a REFER (202), and tells nothing of what comes of it."""
    path = folder / "referred.xml"
    path.write_text((SCENARIOS / "caller.xml").read_text().replace("405 Method Not Allowed", "202 Accepted"))
    return path


def proving_scenario(folder: Path, name: str, header: str = "") -> Path:
    """Write the scenario of a phone that is asked for its password (407) when it calls, and gives it.

    It logs the tags of its dialog, too: ``from <its own>`` and ``to <the server's>``.

    Args:
        folder: Where it is written.
        name: Of the phone.
        header: A further header of its INVITE.
    """
    text = (SCENARIOS / "caller.xml").read_text()
    first, rest = text.split("  </send>\n", 1)
    first += "  </send>\n"
    invite = first[first.index("  <send") :]
    asked = invite.replace("CSeq: 1 INVITE", f"CSeq: 2 INVITE\n[authentication]\n{header}".rstrip())
    challenged = '  <recv response="100" optional="true"/>\n  <recv response="407" auth="true"/>\n'
    rest = rest.replace("CSeq: 1 ACK", "CSeq: 2 ACK", 1).replace(
        '<log message="answered', TAGS + '<log message="answered', 1
    )
    rest = rest.replace('<Reference variables="line"/>', '<Reference variables="line,whole"/>')
    path = folder / f"proving-{name}.xml"
    path.write_text(first + challenged + ACK_OF_REFUSAL + asked + rest)
    return path


TAGS = """<ereg regexp="tag=([^;]*)" search_in="hdr" header="To:" assign_to="whole,tag"/>
      <log message="from [pid]s[call_number]"/><log message="to [$tag]"/>
      """
ACK_OF_REFUSAL = """  <send>
    <![CDATA[
ACK sip:[number]@[remote_ip]:[remote_port] SIP/2.0
[last_Via:]
From: "[name]" <sip:[name]@[local_ip]:[local_port]>;tag=[pid]s[call_number]
[last_To:]
Call-ID: [call_id]
CSeq: 1 ACK
Max-Forwards: 70
Content-Length: 0
    ]]>
  </send>
"""
