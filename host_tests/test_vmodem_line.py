"""What a command line is to each family of the virtual modem."""

from dataclasses import replace

import pytest
from vmodem_host import Host, every_split, multi

from tools.vmodem import PROFILES

OK = b"\r\nOK\r\n"
ERROR = b"\r\nERROR\r\n"
ADDRESS = b"\r\n10.78.245.128\r\n"
FAMILIES = sorted(PROFILES)
LUAT_LIKE = ("luat", "air724")


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("line", ["AT", "at", "AT+CSQ", "at+csq", "ATI", "ati"])
def test_at_in_capitals_or_not_at_every_split(family, line):
    for pieces in every_split(line.encode() + b"\r"):
        host = Host(profile=family)
        said = b"".join(host.type(piece, 0.1) for piece in pieces) + host.rest(100)
        assert said.endswith(OK)


@pytest.mark.parametrize("line", ["aT", "At", "aT+CSQ"])
def test_mixed_case_is_understood_by_sim800_only(line):
    assert Host(profile="sim800").ask(line).endswith(OK)
    for family in LUAT_LIKE:
        assert Host(profile=family).ask(line) == ERROR


# -- what stands before AT -----------------------------------------------------------------------


@pytest.mark.parametrize("surplus", [b"x", b"\x1a", b"OK ", b"\x00IIII\xff\xff\xff\xff", b"+++"])
def test_sim800_counts_a_line_from_its_first_at(surplus):
    for pieces in every_split(surplus + b"AT\r"):
        host = Host(profile="sim800")
        said = b"".join(host.type(piece, 0.1) for piece in pieces)
        assert said + host.rest(100) == OK


@pytest.mark.parametrize("family", LUAT_LIKE)
def test_luat_wants_at_at_the_beginning_and_ignores_control_characters(family):
    assert Host(profile=family).type(b"xAT\r") == ERROR
    assert Host(profile=family).type(b"\x1aAT\r") == OK


@pytest.mark.parametrize("line", ["OK", "SHUT OK", "hello", "+CSQ"])
def test_line_without_at_is_not_answered_by_sim800_and_an_error_for_luat(line):
    host = Host(profile="sim800", echo=True)
    assert host.ask(line) == line.encode() + b"\r"
    assert host.ask("AT") == b"AT\r" + OK
    for family in LUAT_LIKE:
        assert Host(profile=family).ask(line) == ERROR


@pytest.mark.parametrize("family", FAMILIES)
def test_empty_line_is_not_answered(family):
    assert Host(profile=family).type(b"\r\r\n\r") == b""


# -- length --------------------------------------------------------------------------------------


def test_sim800_takes_556_characters_behind_at_and_executes_nothing_of_a_longer_line():
    host = Host(profile="sim800")
    longest = "E1;" + " " * (556 - 3 - 2) + "I"
    assert host.ask("AT" + longest + " ").endswith(b"\r\nSIM800 R14.18\r\n" + OK)
    host.run("ATE0")
    assert host.ask("AT" + longest + "  ") == ERROR
    assert host.ask("AT") == OK  # echo is still off


# -- several commands ----------------------------------------------------------------------------


def test_sim800_executes_a_chain_and_says_ok_once():
    host = Host(profile="sim800", echo=True)
    said = host.ask("AT+CSQ;E0;+CMEE?;I")
    assert said == (
        b"AT+CSQ;E0;+CMEE?;I\r\r\n+CSQ: 23,0\r\n\r\n+CMEE: 0\r\n\r\nSIM800 R14.18\r\n" + OK
    )
    assert host.ask("AT") == OK


def test_sim800_chain_at_every_split():
    for pieces in every_split(b"AT+CSQ;E0;+GSN\r"):
        host = Host(profile="sim800")
        said = b"".join(host.type(piece, 0.1) for piece in pieces)
        assert said + host.rest(100) == b"\r\n+CSQ: 23,0\r\n\r\n869988012345675\r\n" + OK


def test_sim800_cifsr_ends_with_ok_before_another_command():
    host = multi(profile="sim800")
    assert host.ask("AT+CIFSR;E0") == ADDRESS + OK
    assert host.ask("AT+CIFSR") == ADDRESS


def test_first_command_that_fails_ends_the_chain():
    host = Host(profile="sim800")
    host.run("AT+CMEE=1")
    said = host.ask("AT+CSQ;+CIFSR;+CMEE=2")
    assert said == b"\r\n+CSQ: 23,0\r\n\r\n+CME ERROR: 3\r\n"
    assert host.ask("AT+CMEE?") == b"\r\n+CMEE: 1\r\n" + OK
    assert host.ask("AT+CSQ;+NOSUCH;+CMEE=2") == b"\r\n+CSQ: 23,0\r\n" + ERROR


def test_chain_waits_for_commands_that_take_their_time():
    host = Host(profile="sim800")
    said = host.ask("AT+CIPMUX=1;+CSTT;+CIICR;+CIFSR;+CIPMUX?", 5000)
    assert said == ADDRESS + b"\r\n+CIPMUX: 1\r\n" + OK
    assert host.state == "IP STATUS"


def test_chain_of_a_whole_bring_up_stops_where_it_fails():
    host = Host(profile="sim800", sim=False)
    said = host.ask("AT+CSTT;+CIICR;+CIFSR", 5000)
    assert said == b"\r\n+PDP: DEACT\r\n" + ERROR


def test_semicolon_inside_quotes_does_not_part():
    host = Host(profile="sim800")
    host.run('AT+CSTT="a;b";E0')
    assert host.ask("AT+CSTT?") == b'\r\n+CSTT: "a;b","",""\r\n' + OK


def test_basic_commands_side_by_side():
    host = Host(profile="sim800", echo=True)
    host.run("ATE0V1X4+CMEE=2")
    assert host.ask("AT+CIFSR") == b"\r\n+CME ERROR: operation not allowed\r\n"


@pytest.mark.parametrize("line", ["AT;", "AT;;", "ATE0;", "AT+CSQ;;+CSQ"])
def test_empty_commands_of_a_chain_are_passed_over(line):
    assert Host(profile="sim800").ask(line).endswith(OK)


def test_chain_of_hundreds_of_commands():
    host = Host(profile="sim800")
    assert host.ask("AT" + "E0" * 278) == OK
    assert host.ask("AT" + "E;" * 278) == OK


def test_rate_of_a_chain_is_saved_by_it():
    host = Host(profile="sim800", baud=9600)
    host.run("AT+IPR=115200;&W")
    assert host.modem.baud == host.modem.power_on_baud == 115200


def test_prompt_ends_a_chain():
    host = multi(profile="sim800")
    host.open()
    assert host.ask("AT+CSQ;+CIPSEND=0,2;+CSQ") == b"\r\n+CSQ: 23,0\r\n\r\n> "
    assert b"\r\n0, SEND OK\r\n" in host.type(b"hi")


@pytest.mark.parametrize("family", LUAT_LIKE)
def test_luat_knows_no_chains(family):
    host = multi(profile=family)
    assert host.ask("AT+CIFSR;E1") == ERROR
    assert host.ask("AT") == OK


# -- quotes --------------------------------------------------------------------------------------

STRINGS = [
    ("AT+CSTT={}", "cmnet"),
    ('AT+CSTT="cmnet",{},"p"', "user"),
    ("AT+CDNSCFG={}", "1.2.3.4"),
    ('AT+CDNSCFG="1.2.3.4",{}', "1.2.3.5"),
    ('AT+SAPBR=3,1,"APN",{}', "cmnet"),
    ('AT+CGDCONT=1,"IP",{}', "cmnet"),
    ("AT+CCLK={}", "24/01/02,03:04:05+32"),
]


@pytest.mark.parametrize("line, text", STRINGS)
def test_strings_want_quotes_on_sim800_only(line, text):
    bare, quoted = line.format(text), line.format(f'"{text}"')
    assert Host(profile="sim800").ask(bare) == ERROR
    assert Host(profile="sim800").ask(quoted) == OK
    for family in LUAT_LIKE:
        assert Host(profile=family).ask(bare) == Host(profile=family).ask(quoted) == OK


def test_sim800_wants_quotes_around_host_and_name_but_not_around_mode_and_port():
    host = multi(profile="sim800")
    assert host.ask('AT+CIPSTART=0,TCP,"echo",7').startswith(OK)
    assert host.ask('AT+CIPSTART=1,"TCP","echo","7"').startswith(OK)
    assert host.ask('AT+CIPSTART=2,"TCP",echo,7') == ERROR
    assert host.ask("AT+CDNSGIP=echo") == ERROR
    assert host.ask('AT+CDNSGIP="echo"').startswith(OK)


@pytest.mark.parametrize("family", FAMILIES)
def test_unbalanced_quote_is_an_error(family):
    assert Host(profile=family).ask('AT+CSTT="cmnet') == ERROR


# -- line ends -----------------------------------------------------------------------------------


@pytest.mark.parametrize("family", FAMILIES)
def test_line_feed_behind_cr_belongs_to_the_line_end(family):
    for pieces in every_split(b"AT\r\nAT\r\n"):
        host = Host(profile=family)
        said = b"".join(host.type(piece, 0.1) for piece in pieces)
        assert said + host.rest(100) == OK + OK


@pytest.mark.parametrize("family", FAMILIES)
def test_line_feed_that_comes_before_the_prompt_is_no_payload(family):
    host = multi(profile=family)
    host.open()
    host.ask("AT+CIPSEND=0,2", 1)
    assert host.type(b"\n", 100) == b"\r\n> "
    assert b"0, SEND OK" in host.type(b"hi")


def test_line_feed_behind_the_prompt_is_payload_on_sim800_and_lost_on_luat():
    host = multi(profile="sim800")
    host.open()
    assert host.ask("AT+CIPSEND=0,2", 100) == b"\r\n> "
    assert b"+RECEIVE,0,2:\r\n\nx" in host.type(b"\nx")
    for family in LUAT_LIKE:
        host = multi(profile=family)
        host.open()
        host.ask("AT+CIPSEND=0,2", 100)
        assert host.type(b"\nx") == b"" and host.modem.awaiting_payload == 1


def test_line_feed_alone_ends_a_line_on_sim800():
    for pieces in every_split(b"AT\nAT\n"):
        host = Host(profile="sim800", echo=True)
        said = b"".join(host.type(piece, 20) for piece in pieces)
        assert said == b"AT" + OK + b"AT" + OK  # the line feed is not echoed
    assert Host(profile="luat").type(b"AT\n") == b""


# -- commands one family lacks -------------------------------------------------------------------


@pytest.mark.parametrize("line", ["AT+CEREG?", "AT+ICCID", "AT+RESET", "AT+VER", "AT+CIPPING=x"])
def test_sim800_lacks(line):
    host = Host(profile="sim800")
    host.run("AT+CMEE=1")
    assert host.ask(line) == ERROR


@pytest.mark.parametrize("line", ["AT+CCID", "AT+CLTS=1", "AT+CIURC?"])
@pytest.mark.parametrize("family", LUAT_LIKE)
def test_luat_lacks(family, line):
    assert Host(profile=family).ask(line) == ERROR


@pytest.mark.parametrize("family", FAMILIES)
def test_what_a_family_lacks_is_an_option_of_its_profile(family):
    profile = replace(PROFILES[family], absent_commands=frozenset({"+CSQ"}))
    assert Host(profile=profile).ask("AT+CSQ") == ERROR


def test_server_is_there_on_sim800_and_older_luat():
    assert [family for family in FAMILIES if PROFILES[family].has_server] == ["air724", "sim800"]
