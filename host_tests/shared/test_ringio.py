"""What `micropython.RingIO` does, case by case, so that the CPython stand-in is the same."""

from micropython import RingIO


def filled(data, size=16):
    ring = RingIO(size)
    assert ring.write(data) == len(data)
    return ring


def raises(error, function, *args):
    try:
        function(*args)
    except error:
        return True
    return False


def test_write_takes_what_fits():
    ring = RingIO(5)
    assert ring.write(b"1234567") == 5
    assert ring.any() == 5
    assert ring.write(b"8") == 0
    assert ring.read() == b"12345"


def test_write_of_nothing():
    assert RingIO(5).write(b"") == 0


def test_write_with_one_number_is_a_length():
    ring = RingIO(16)
    assert ring.write(b"abcdef", 2) == 2
    assert ring.read() == b"ab"


def test_write_with_two_numbers_is_offset_and_length():
    ring = RingIO(16)
    assert ring.write(b"abcdef", 1, 3) == 3
    assert ring.read() == b"bcd"


def test_write_span_past_the_end_is_cut():
    ring = RingIO(16)
    assert ring.write(b"abc", 1, 30) == 2
    assert ring.write(b"abc", 7, 3) == 0
    assert ring.write(b"abc", -1, 3) == 0
    assert ring.write(b"abc", 30) == 3
    assert ring.read() == b"bcabc"


def test_write_accepts_text_and_views():
    ring = RingIO(16)
    assert ring.write("hi") == 2
    assert ring.write(memoryview(b"zxcv")[1:3]) == 2
    assert ring.write(bytearray(b"!")) == 1
    assert ring.read() == b"hixc!"
    assert raises(TypeError, ring.write, 5)


def test_read_of_an_empty_ring_is_empty_bytes():
    ring = RingIO(5)
    assert ring.read() == b""
    assert ring.read(3) == b""
    assert ring.readline() == b""
    assert ring.readinto(bytearray(3)) == 0


def test_read_takes_at_most_n():
    ring = filled(b"abcdef")
    assert ring.read(0) == b""
    assert ring.read(2) == b"ab"
    assert ring.read(9) == b"cdef"


def test_read_of_a_negative_count_is_all():
    assert filled(b"abc").read(-1) == b"abc"


def test_readinto_leaves_the_rest_of_the_buffer():
    ring = filled(b"12345")
    buf = bytearray(b"abc")
    assert ring.readinto(buf, 1) == 1
    assert buf == b"1bc"
    assert ring.readinto(buf) == 3
    assert buf == b"234"
    assert ring.readinto(buf, 9) == 1
    assert buf == b"534"


def test_readinto_of_a_negative_count_fills_the_buffer():
    buf = bytearray(3)
    assert filled(b"abcd").readinto(buf, -1) == 3
    assert buf == b"abc"


def test_readinto_a_view_and_into_nothing():
    ring = filled(b"abcd")
    buf = bytearray(5)
    assert ring.readinto(bytearray(0)) == 0
    assert ring.readinto(memoryview(buf)[1:3]) == 2
    assert buf == b"\x00ab\x00\x00"


def test_readinto_refuses_constant_bytes():
    assert raises(TypeError, filled(b"abc").readinto, b"xyz")


def test_readline_stops_after_a_newline_or_at_the_limit():
    ring = filled(b"a\nb\ncd")
    assert ring.readline() == b"a\n"
    assert ring.readline(1) == b"b"
    assert ring.readline() == b"\n"
    assert ring.readline() == b"cd"


def test_bytes_stay_in_order_across_many_turns():
    ring = RingIO(7)
    out = bytearray()
    sent = 0
    while len(out) < 1000:
        piece = bytes((sent + i) & 255 for i in range(5))
        sent += ring.write(piece)
        out += ring.read(3)
    assert bytes(out[:1000]) == bytes(i & 255 for i in range(1000))


def test_size_limits():
    assert RingIO(1).write(b"ab") == 1
    RingIO(65534)
    for size in (0, -1, 65535, 70000):
        assert raises(ValueError, RingIO, size)


def test_a_given_buffer_holds_one_byte_fewer():
    assert RingIO(bytearray(4)).write(b"123456") == 3
    assert RingIO(bytearray(2)).write(b"123") == 1
    assert raises(ValueError, RingIO, bytearray(1))
    for wrong in (b"1234", "abc"):
        assert raises(TypeError, RingIO, wrong)


def test_close_changes_nothing():
    ring = filled(b"ab")
    ring.close()
    assert ring.write(b"c") == 1
    assert ring.read() == b"abc"
