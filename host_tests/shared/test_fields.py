"""Pure functions on one line."""

from sixlink.fields import is_address, is_digits, number, put_number, quoted, safe


def field(text, index=0):
    return number(text + b"\r\n", 0, len(text), index)


def test_number_of_each_field():
    line = b" 2, 0,1460,:"
    assert [field(line, i) for i in range(5)] == [2, 0, 1460, -1, -1]


def test_number_ends_at_colon():
    assert field(b"1,5:", 1) == 5


def test_what_is_no_number():
    for text in (b"", b"-1", b"+1", b"1a", b"a1", b"0x10", b'"1"', b"\x00", b"1\x00"):
        assert field(text) == -1, text


def test_number_too_large_for_any_field():
    assert field(b"99999999") == 99999999
    assert field(b"100000000") == -1
    assert field(b"1" * 400) == -1


def test_quoted_strings():
    line = b'C: 0,0,"TCP","1.2.3.4","80","CONNECTED"'
    assert [quoted(line, 0, len(line), i) for i in range(5)] == [
        b"TCP",
        b"1.2.3.4",
        b"80",
        b"CONNECTED",
        None,
    ]
    assert quoted(b'"open', 0, 5) is None


def test_address_shapes():
    for text in (b"10.74.100.63", b"010.083.172.111", b"0.0.0.0"):
        assert is_address(text, 0, len(text)), text
    for text in (b"", b"OK", b"10.74.100", b"10.74.100.", b"1.2.3.4.5", b"1..2.3", b"1.2.3.1234"):
        assert not is_address(text, 0, len(text)), text


def test_digits():
    assert is_digits(b"861290079934290", 0, 15)
    assert not is_digits(b"86129007993429A", 0, 15)
    assert not is_digits(b"", 0, 0)


def test_put_number_writes_decimal():
    for value in (0, 1, 9, 10, 99, 100, 1460, 65535, 99999):
        buf = bytearray(8)
        end = put_number(buf, 1, value)
        assert bytes(buf[1:end]) == b"%d" % value


def test_safe_refuses_what_could_end_a_string_or_a_line():
    assert safe("iot.example-1.com", 128, "host") == b"iot.example-1.com"
    for bad in ('a"b', "a\rb", "a\nb", "a\x1ab", "a\x1bb", "a\x00b", "\u00fcber", "a" * 129):
        try:
            safe(bad, 128, "host")
        except ValueError as error:
            assert "host" in str(error)
        else:
            raise AssertionError(bad)
