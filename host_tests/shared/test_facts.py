"""What the modem tells of itself and of the network: identity, signal, time, name servers."""

import errno

from session import Session, errno_of, splits
from sixlink.errors import ModemError
from test_at import CSQ, OK, URCS, answer, connected, seams
from test_send import status

IMEI = b"\r\n861290079934290\r\n"
IMSI = b"\r\n460083928707986\r\n"
ERROR = b"\r\nERROR\r\n"
UTC = (2024, 8, 21, 3, 23, 27, 15, 0)


def value_error(function, *args, **settings):
    try:
        function(*args, **settings)
    except ValueError as error:
        return str(error)
    raise AssertionError((args, settings))


# -- identity -------------------------------------------------------------------------------------


def test_identity_of_both_families():
    for what, line, wire, value in (
        ("imei", b"AT+CGSN\r", IMEI, "861290079934290"),
        ("imei", b"AT+CGSN\r", b'\r\n+CGSN: "861290079934290"\r\n', "861290079934290"),
        ("imsi", b"AT+CIMI\r", IMSI, "460083928707986"),
        ("model", b"AT+CGMM\r", b"\r\nSIMCOM_SIM800L\r\n", "SIMCOM_SIM800L"),
        ("model", b"AT+CGMM\r", b'\r\n+CGMM: "Air724UG"\r\n', "Air724UG"),
        (
            "firmware",
            b"AT+CGMR\r",
            b"\r\nAirM2M_780EP_V1007_LTE_AT\r\n",
            "AirM2M_780EP_V1007_LTE_AT",
        ),
        ("iccid", b"AT+ICCID\r", b"\r\n+ICCID: 898604B9102271779909\r\n", "898604B9102271779909"),
    ):
        session = connected(rxbuf=16)
        for pieces in splits(wire + OK):
            session.modem._known.clear()
            answer(session, line, *pieces)
            assert session.modem.config(what) == value, pieces
        for urc in URCS:
            for at in seams(wire + OK):
                session.modem._known.clear()
                answer(session, line, (wire + OK)[:at] + urc + (wire + OK)[at:])
                assert session.modem.config(what) == value, (urc, at)


def test_sim800_has_ccid_where_luat_has_iccid():
    session = connected()
    answer(session, b"AT+CCID\r", b"\r\n89860413161540300000\r\n" + OK)
    for refusal in (ERROR, b"\r\n+CME ERROR: 50\r\n"):
        answer(session, b"AT+ICCID\r", refusal)
        assert session.modem.config("iccid") == "89860413161540300000"
    assert session.uart.lines == [b"AT+ICCID\r", b"AT+CCID\r"] * 2
    answer(session, b"AT+CCID\r", ERROR)
    assert errno_of(session.modem.config, "iccid") == errno.EIO


def test_a_modem_is_asked_once_and_a_card_each_time():
    session = connected()
    answer(session, b"AT+CGSN\r", IMEI + OK)
    answer(session, b"AT+CIMI\r", IMSI + OK)
    for _ in range(3):
        assert session.modem.config("imei") == "861290079934290"
        assert session.modem.config("imsi") == "460083928707986"
    assert session.uart.lines == [b"AT+CGSN\r"] + [b"AT+CIMI\r"] * 3


def test_what_cannot_be_an_imei_is_not_taken_for_one_and_not_kept():
    session = connected()
    for wire in (b"", b"\r\n86129007993429\r\n", b"\r\n8612900799342901\r\n", b"\r\nx" + IMEI[3:]):
        answer(session, b"AT+CGSN\r", wire + OK)
        assert errno_of(session.modem.config, "imei") == errno.EIO, wire
    answer(session, b"AT+CGSN\r", b"\r\n+CSQ: 1,0\r\n\r\nnoise\r\n" + IMEI + OK)
    assert session.modem.config("imei") == "861290079934290"


def test_each_fails_as_at_does():
    session = connected()
    modem = session.modem
    for ask, line in (
        (lambda: modem.config("imei"), b"AT+CGSN\r"),
        (lambda: modem.config("imsi"), b"AT+CIMI\r"),
        (lambda: modem.config("iccid"), b"AT+ICCID\r"),
        (lambda: modem.status("operator"), b"AT+COPS?\r"),
        (lambda: modem.time(), b"AT+CCLK?\r"),
        (lambda: modem.ipconfig("dns"), b"AT+CDNSCFG?\r"),
        (lambda: modem.ipconfig(dns="9.9.9.9"), b'AT+CDNSCFG="9.9.9.9"\r'),
    ):
        answer(session, b"AT+CCID\r", b"\r\n+CME ERROR: 10\r\n")
        answer(session, line, b"\r\n+CME ERROR: 10\r\n")
        try:
            ask()
            raise AssertionError(line)
        except ModemError as error:
            assert (error.errno, error.cme) == (errno.ENODEV, 10)
        answer(session, line, b"")
        assert errno_of(ask) == errno.ETIMEDOUT, line
        session.run(3000)
        with modem.driver:
            assert errno_of(ask) == errno.EALREADY
    assert modem.ifconfig()[3] == "0.0.0.0"


def test_names_that_do_not_exist_are_refused_by_those_that_do():
    modem = Session().modem
    for call, what, known in (
        (modem.config, "mac", ("imei", "iccid", "apn")),
        (modem.config, None, ("imei",)),
        (modem.status, "stations", ("rssi", "operator", "registration")),
        (modem.ipconfig, "addr6", ("addr4", "dns")),
    ):
        said = value_error(call, what)
        assert repr(what) in said and all(name in said for name in known), said
    assert "mac" in value_error(modem.config, mac="1")
    assert "apn" in value_error(modem.config, apn="1")
    assert "gw4" in value_error(modem.ipconfig, gw4="1.2.3.4")
    value_error(modem.ipconfig, dns="1.2.3.4", gw4="1.2.3.4")
    value_error(modem.ipconfig, "dns", dns="1.2.3.4")
    value_error(modem.ipconfig, "addr4", dns="1.2.3.4")


# -- status ---------------------------------------------------------------------------------------


def test_the_signal_is_asked_for_afresh():
    session = connected()
    for number, dbm in ((31, -51), (0, -113), (99, None)):
        for pieces in splits(b"\r\n+CSQ: %d,0\r\n" % number + OK):
            answer(session, b"AT+CSQ\r", *pieces)
            assert session.modem.status("rssi") == dbm


def test_where_it_cannot_be_asked_the_last_signal_is_told():
    session = Session()
    assert session.modem.status("rssi") is None
    assert session.modem.status("registration") == 0
    assert bytes(session.uart.typed) == b""
    session = connected()
    for wire in (ERROR, OK, b"\r\n+CSQ: x,0\r\n" + OK, b"\r\n+CSQ:\r\n" + OK, b""):
        answer(session, b"AT+CSQ\r", wire)
        assert session.modem.status("rssi") == -73, wire
        session.run(3000)
    seen = []
    session.modem.keep_going = lambda: seen.append(session.modem.status("rssi"))
    answer(session, b"AT+COPS?\r", b"", OK)
    session.modem.at("+COPS?")
    assert seen and set(seen) == {-73}


def test_a_loop_that_waits_for_the_connection_is_not_held_up():
    session = Session()
    session.modem.connect(timeout=0)
    session.run(50)
    start = session.now
    assert session.modem.status("rssi") is None
    assert session.modem.status("registration") == 0
    assert session.now == start


def test_registration_is_asked_for_where_it_was_found():
    session = connected()
    answer(session, b"AT+CREG?\r", b'\r\n+CREG: 2,5,"1806","0B2AA30C",7\r\n' + OK)
    assert session.modem.status("registration") == 5
    session.engine.bringup.domain = b"CEREG"
    answer(session, b"AT+CEREG?\r", b"\r\n+CEREG: 0,3\r\n" + OK)
    assert session.modem.status("registration") == 3
    for wire in (ERROR, OK, b"\r\n+CEREG: 0\r\n" + OK, b"\r\n+CEREG: 0,\r\n" + OK):
        answer(session, b"AT+CEREG?\r", wire)
        session.engine.bringup.registered = 1
        assert session.modem.status("registration") in (0, 1), wire


def test_the_operator_is_a_name_or_none():
    session = connected()
    for line, name in (
        (b'+COPS: 0,0,"CHINA MOBILE",7', "CHINA MOBILE"),
        (b'+COPS: 0,2,"46000"', "46000"),
        (b"+COPS: 0", None),
        (b'+COPS: 0,0,"torn', None),
    ):
        for pieces in splits(b"\r\n" + line + b"\r\n" + OK):
            answer(session, b"AT+COPS?\r", *pieces)
            assert session.modem.status("operator") == name


# -- time -----------------------------------------------------------------------------------------


def clock(session, text):
    answer(session, b"AT+CCLK?\r", b'\r\n+CCLK: "%s"\r\n' % text.encode() + OK)
    return session.modem.time()


def test_local_time_becomes_utc():
    session = connected()
    for text, utc in (
        ("24/08/22,07:27:15+32", UTC),
        ("2024/08/22,07:27:15+32", UTC),
        ("24/08/21,23:27:15+00", UTC),
        ("24/08/21,23:27:15+0", UTC),
        ("24/08/21,19:27:15-16", UTC),
        ("24/08/22,05:12:15+23", UTC),  # Nepal
        ("24/03/01,00:00:00+04", (2024, 2, 29, 4, 23, 0, 0, 0)),
        ("25/03/01,00:00:00+04", (2025, 2, 28, 5, 23, 0, 0, 0)),
        ("25/01/01,07:59:59+32", (2024, 12, 31, 2, 23, 59, 59, 0)),
        ("24/12/31,23:00:00-04", (2025, 1, 1, 3, 0, 0, 0, 0)),
        ("24/02/29,23:59:59-01", (2024, 3, 1, 5, 0, 14, 59, 0)),
        ("24/09/30,20:00:00-16", (2024, 10, 1, 2, 0, 0, 0, 0)),
        ("68/02/29,12:00:00+00", (2068, 2, 29, 3, 12, 0, 0, 0)),
    ):
        assert clock(session, text) == utc, text


def test_an_answer_at_every_split_and_a_urc_in_each_seam():
    session = connected(rxbuf=16)
    wire = b'\r\n+CCLK: "24/08/22,07:27:15+32"\r\n' + OK
    for pieces in splits(wire):
        answer(session, b"AT+CCLK?\r", *pieces)
        assert session.modem.time() == UTC
    for urc in URCS:
        for at in seams(wire):
            answer(session, b"AT+CCLK?\r", wire[:at] + urc + wire[at:])
            assert session.modem.time() == UTC


def test_weekdays_of_four_years():
    session = connected()
    weekday = 1  # 2024 began with a Monday
    for year in range(2024, 2028):
        for month in range(1, 13):
            days = 31 if month in (1, 3, 5, 7, 8, 10, 12) else 30
            if month == 2:
                days = 29 if year == 2024 else 28
            for day in range(1, days + 1):
                if day in (1, days):
                    told = clock(session, "%02d/%02d/%02d,12:00:00+00" % (year % 100, month, day))
                    assert told == (year, month, day, weekday, 12, 0, 0, 0)
                weekday = weekday % 7 + 1
    assert errno_of(clock, session, "25/02/29,12:00:00+00") == errno.EIO


def test_a_clock_that_nobody_set():
    session = connected()
    for date in ("70/01/01", "80/01/06", "00/01/01", "04/01/01", "1970/01/01", "99/12/31"):
        assert errno_of(clock, session, date + ",00:00:53+00") == errno.EAGAIN, date


def test_a_clock_that_cannot_be_read():
    session = connected()
    good = "24/08/22,07:27:15+32"
    for at in range(len(good) - 2):
        assert errno_of(clock, session, good[:at] + good[at + 1 :]) == errno.EIO, at
    for text in (
        "", "24/13/22,07:27:15+32", "24/00/22,07:27:15+32", "24/08/00,07:27:15+32",
        "24/08/32,07:27:15+32", "24/08/22,24:27:15+32", "24/08/22,07:60:15+32",
        "24/08/22,07:27:60+32", "24/08/22,07:27:15+57", "24/08/22,07:27:15+", "+32", "-",
        "24/08/22,07:27:15+3", "24/08/22 07:27:15+32", "24,08/22/07:27:15+32",
        "24/08/22,07:27:15++3", "x4/08/22,07:27:15+32", "24/08/22,07:27:15",
    ):  # fmt: skip
        assert errno_of(clock, session, text) == errno.EIO, text
    answer(session, b"AT+CCLK?\r", CSQ)
    assert errno_of(session.modem.time) == errno.EIO


# -- name servers ---------------------------------------------------------------------------------

SERVERS = b"\r\nPrimaryDns: 211.136.112.50\r\nSecondaryDns: 211.136.150.66\r\n" + OK


def test_name_servers_are_asked_for_and_ifconfig_knows_them_then():
    session = connected(rxbuf=16)
    assert session.modem.ifconfig()[3] == "0.0.0.0"
    for pieces in splits(SERVERS):
        answer(session, b"AT+CDNSCFG?\r", *pieces)
        assert session.modem.ipconfig("dns") == ("211.136.112.50", "211.136.150.66")
    del session.uart.lines[:]
    assert session.modem.ifconfig()[3] == "211.136.112.50"
    assert session.uart.lines == []
    for urc in URCS:
        for at in seams(SERVERS):
            answer(session, b"AT+CDNSCFG?\r", SERVERS[:at] + urc + SERVERS[at:])
            assert session.modem.ipconfig("dns") == ("211.136.112.50", "211.136.150.66")


def test_name_servers_as_modems_print_them():
    session = connected()
    for lines, servers in (
        (b"PrimaryDns:8.8.8.8\r\nSecondaryDns:0.0.0.0", ("8.8.8.8",)),
        (b'PrimaryDns: "8.8.8.8"', ("8.8.8.8",)),
        (b"PrimaryDns: 0.0.0.0\r\nSecondaryDns: 0.0.0.0", ("0.0.0.0",)),
    ):
        answer(session, b"AT+CDNSCFG?\r", b"\r\n" + lines + b"\r\n" + OK)
        assert session.modem.ipconfig("dns") == servers
    for lines in (b"PrimaryDns: 8.8.8", b"PrimaryDns: 8.8.8.256", b"PrimaryDns:", b"8"):
        answer(session, b"AT+CDNSCFG?\r", b"\r\n" + lines + b"\r\n" + OK)
        assert errno_of(session.modem.ipconfig, "dns") == errno.EIO, lines


def test_name_servers_are_set():
    session = connected()
    assert session.modem.ipconfig(dns="8.8.8.8") is None
    assert session.modem.ifconfig()[3] == "8.8.8.8"
    session.modem.ipconfig(dns=("9.9.9.9", "1.1.1.1"))
    session.modem.ipconfig(dns=["1.1.1.1"])
    assert session.uart.lines == [
        b'AT+CDNSCFG="8.8.8.8"\r',
        b'AT+CDNSCFG="9.9.9.9","1.1.1.1"\r',
        b'AT+CDNSCFG="1.1.1.1"\r',
    ]
    answer(session, b'AT+CDNSCFG="9.9.9.9"\r', ERROR)
    assert errno_of(lambda: session.modem.ipconfig(dns="9.9.9.9")) == errno.EIO
    assert session.modem.ifconfig()[3] == "1.1.1.1"


def test_what_is_no_address_is_refused_and_nothing_is_typed():
    session = connected()
    bad = ("", "8.8.8", "8.8.8.8.8", "8.8.8.256", "8.8.8.0008", "dns.google", "::1", "8.8.8.8 ",
           '8.8.8.8","1.1.1.1', "8.8.8.8\r", "８.8.8.8", b"8.8.8.8", 8, None)  # fmt: skip
    for server in bad:
        value_error(session.modem.ipconfig, dns=(server,))
        value_error(session.modem.ipconfig, dns=("8.8.8.8", server))
    for servers in ((), ("8.8.8.8",) * 3, "8.8.8", None, 8):
        assert "dns" in value_error(session.modem.ipconfig, dns=servers)
    assert session.uart.lines == []


def test_the_session_is_whole_after_all_of_it():
    session = connected()
    answer(session, b"AT+CIPSTATUS\r", status())
    for ask in (session.modem.time, lambda: session.modem.config("imei")):
        assert errno_of(ask) == errno.EIO  # the modem says OK and nothing else
    assert session.modem.isconnected()
    assert session.modem.stats()["timeouts"] == 0
