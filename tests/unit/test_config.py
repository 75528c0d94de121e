"""Settings: precedence, rules, and words that name the setting."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import fields
from pathlib import Path

import pytest

from roomtone.config import READERS, Address, ConfigProblem, PortRange, Settings, load
from roomtone.core.ids import ProjectId
from roomtone.net.addresses import refusal

PAGE = Path(__file__).parents[2] / "docs/reference/settings.md"


def test_an_option_beats_the_environment_that_beats_the_file(tmp_path: Path) -> None:
    file = tmp_path / "roomtone.toml"
    file.write_text('http = "127.0.0.1:1"\nsip = "127.0.0.1:2"\ndrain_s = 9\n')
    settings = load(
        {"http": "127.0.0.1:3", "sip": None},
        {"ROOMTONE_HTTP": "127.0.0.1:4", "ROOMTONE_SIP": "127.0.0.1:5", "ROOMTONE_ENGINE": "native"},
        file,
    )
    assert settings.http == Address("127.0.0.1", 3)
    assert settings.sip == Address("127.0.0.1", 5)
    assert settings.drain_s == 9
    assert settings.https == Settings().https


@pytest.mark.parametrize(
    ("name", "text", "rule"),
    [
        ("rtp_ports", "20000-10000", "first must be ≤ last"),
        ("rtp_ports", "20000", "FIRST-LAST"),
        ("rtp_ports", "80-90", "1024"),
        ("rtp_trunk_port", "20001", "even"),
        ("rtp_trunk_port", "80", "1024"),
        ("http", "localhost", "HOST:PORT"),
        ("https", "localhost:99999", "HOST:PORT"),
        ("busy_at", "101", "takes 0 to 100"),
        ("drain_s", "-1", "takes 0 to 3600"),
        ("drain_s", "soon", "could not convert"),
        ("orphan_s", "1", "takes 5 to 86400"),
        ("media_threads", "0", "takes 1 to 256"),
        ("leave_out_silence", "maybe", "true or false"),
        ("noise_floor_db", "-20", "takes -90 to -40"),
        ("automatic_gain", "on", "true or false"),
        ("allow_networks", "10.0.0.1/8", "host bits"),
        ("public_url", "example.com", "http://"),
        ("sips", "5061", "HOST:PORT"),
        ("dns_servers", "dns.example:53", "does not appear to be"),
        ("rtp_host", "localhost", "does not appear to be"),
        ("operator", "me", "dashed UUID"),
        ("log_level", "loud", "debug, info"),
    ],
)
def test_a_broken_rule_names_the_setting(name: str, text: str, rule: str) -> None:
    with pytest.raises(ConfigProblem, match=f"^{name}: .*{re.escape(rule)}"):
        load({name: text}, {}, None)


def test_a_certificate_is_of_no_use_without_its_key() -> None:
    with pytest.raises(ConfigProblem, match="tls_certificate and tls_key"):
        load({"tls_certificate": "/c.pem"}, {}, None)
    assert load({"tls_certificate": "/c.pem", "tls_key": "/c.key"}, {}, None).tls_key == Path("/c.key")


@pytest.mark.parametrize(
    ("options", "asked", "not_asked"),
    [
        (
            {},
            ("127.0.0.1", "::1"),
            ("10.1.2.3", "172.20.0.2", "192.168.1.1", "fd12::1", "100.64.0.1", "169.254.1.1"),
        ),
        ({"http": "0.0.0.0:8080"}, (), ("127.0.0.1", "10.1.2.3", "::1")),
        ({"public_url": "https://calls.example.com"}, (), ("127.0.0.1", "10.1.2.3")),
        ({"public_url": "http://localhost:8080"}, ("127.0.0.1",), ("10.1.2.3",)),
        (
            {"http": "0.0.0.0:8080", "allow_networks": "10.0.0.0/8"},
            ("10.1.2.3",),
            ("127.0.0.1", "192.168.1.1"),
        ),
        ({"allow_networks": ""}, (), ("127.0.0.1", "10.1.2.3")),
    ],
)
def test_who_is_asked_inside_depends_on_who_is_served(
    options: dict[str, str | None], asked: tuple[str, ...], not_asked: tuple[str, ...]
) -> None:
    networks = load(options, {}, None).outward
    judged = {one: refusal(ipaddress.ip_address(one), networks) is None for one in (*asked, *not_asked)}
    assert judged == dict.fromkeys(asked, True) | dict.fromkeys(not_asked, False)


@pytest.mark.parametrize(
    ("options", "most"),
    [
        ({}, (0, 0)),
        ({"http": "0.0.0.0:8080"}, (100, 30)),
        ({"public_url": "https://calls.example.com"}, (100, 30)),
        ({"public_url": "https://calls.example.com", "wrong_logins": "0"}, (100, 0)),
        ({"rate_limit": "5"}, (5, 0)),
    ],
)
def test_how_much_may_be_asked_depends_on_who_is_served(
    options: dict[str, str | None], most: tuple[float, float]
) -> None:
    assert load(options, {}, None).asked_at_most == most


def test_an_unknown_key_of_the_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "roomtone.toml"
    file.write_text("htpt = 1\n")
    with pytest.raises(ConfigProblem, match="htpt: there is no such setting"):
        load({}, {}, file)


def test_a_free_range_and_off_are_understood() -> None:
    settings = load({"rtp_ports": "0-0", "https": "off", "http": "[::1]:0"}, {}, None)
    assert settings.rtp_ports == PortRange(0, 0)
    assert settings.https is None
    assert str(settings.http) == "[::1]:0"


@pytest.mark.parametrize("sid", ["AC" + "0" * 30 + "51", "00000000-0000-0000-0000-000000000051"])
def test_the_operator_is_a_project_in_any_spelling(sid: str) -> None:
    assert load({"operator": sid}, {}, None).operator == ProjectId(0x51)
    assert load({"operator": ""}, {}, None).operator is None


def test_every_setting_has_a_reader_and_a_line_on_its_page() -> None:
    names = {field.name for field in fields(Settings)}
    assert set(READERS) == names
    assert set(re.findall(r"^\| `(\w+)` \|", PAGE.read_text(), re.MULTILINE)) == names
