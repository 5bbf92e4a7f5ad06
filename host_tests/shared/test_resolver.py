"""Looking names up: what is asked, which answers are believed, how long they are kept."""

import errno

from sixlink.resolver import Resolver

NOW = (1 << 29) - 5000  # five seconds before the clock wraps
FIVE_MINUTES = 300000


class Engine:
    """Takes commands as the engine does."""

    def __init__(self):
        self.texts = []

    def call(self, command):
        self.texts.append(bytes(command.text))
        self.last = command


def asking(name="example.com"):
    engine = Engine()
    resolver = Resolver(engine)
    resolver.ask(name, NOW)
    return resolver, engine


def tell(resolver, line):
    line += b"\r\n"
    resolver.resolved(line, 0, len(line) - 2)


def later(ms):
    return (NOW + ms) & ((1 << 29) - 1)


def test_a_name_is_asked_for_and_the_answer_found():
    resolver, engine = asking()
    assert engine.texts == [b'AT+CDNSGIP="example.com"\r']
    assert resolver.asked == "example.com"
    assert resolver.find("example.com", NOW) is None
    tell(resolver, b'+CDNSGIP: 1,"example.com","93.184.216.34","93.184.216.35"')
    assert resolver.asked is None
    assert resolver.error == 0
    assert resolver.find("example.com", NOW) == "93.184.216.34"


def test_a_manual_prints_no_space():
    resolver, _ = asking()
    tell(resolver, b'+CDNSGIP:1,"example.com","10.0.0.1"')
    assert resolver.find("example.com", NOW) == "10.0.0.1"


def test_an_answer_grows_old_across_the_wrap_of_the_clock():
    resolver, _ = asking()
    tell(resolver, b'+CDNSGIP: 1,"example.com","10.0.0.1"')
    assert resolver.find("example.com", later(FIVE_MINUTES - 1)) == "10.0.0.1"
    assert resolver.find("example.com", later(FIVE_MINUTES)) is None


def test_a_refusal_ends_the_question():
    for line in (b"+CDNSGIP: 0,8", b"+CDNSGIP:0,10", b"+CDNSGIP: 0", b"+CDNSGIP:", b"+CDNSGIP: x"):
        resolver, _ = asking()
        tell(resolver, line)
        assert (resolver.asked, resolver.error) == (None, errno.ENOENT), line
        assert resolver.find("example.com", NOW) is None


def test_a_command_that_fails_ends_the_question_and_its_ok_does_not():
    resolver, engine = asking()
    engine.last.outcome = 1
    resolver.done(engine.last, NOW)
    assert resolver.asked == "example.com"
    engine.last.outcome = 2
    resolver.done(engine.last, NOW)
    assert (resolver.asked, resolver.error) == (None, errno.EHOSTUNREACH)


def test_a_late_answer_to_an_earlier_question_is_not_taken_for_ours():
    resolver, _ = asking("first.example")
    resolver.give_up()
    assert (resolver.asked, resolver.error) == (None, errno.ETIMEDOUT)
    resolver.ask("second.example", NOW)
    tell(resolver, b'+CDNSGIP: 1,"first.example","10.0.0.1"')
    assert resolver.asked == "second.example"
    assert resolver.find("second.example", NOW) is None
    tell(resolver, b'+CDNSGIP: 1,"second.example","10.0.0.2"')
    assert resolver.find("second.example", NOW) == "10.0.0.2"


def test_an_answer_that_is_no_address_is_not_believed():
    for address in (b"", b"1.2.3", b"a.b.c.d", b"1.2.3.4;AT", b"::1"):
        resolver, _ = asking()
        tell(resolver, b'+CDNSGIP: 1,"example.com","' + address + b'"')
        assert resolver.asked == "example.com", address
        assert resolver.find("example.com", NOW) is None


def test_a_line_nobody_asked_for_changes_nothing():
    resolver = Resolver(Engine())
    tell(resolver, b'+CDNSGIP: 1,"example.com","10.0.0.1"')
    assert resolver.find("example.com", NOW) is None


def test_answers_do_not_pile_up():
    resolver = Resolver(Engine())
    names = ["host%d.example" % number for number in range(100)]
    for name in names:
        resolver.ask(name, NOW)
        tell(resolver, b'+CDNSGIP: 1,"%s","10.0.0.1"' % name.encode())
    known = [name for name in names if resolver.find(name, NOW)]
    assert known[-1] == names[-1]
    assert len(known) <= 8


def test_a_name_that_no_command_may_carry_is_refused_and_nothing_is_asked():
    engine = Engine()
    resolver = Resolver(engine)
    for name in ('quo"te', "line\rend", "x" * 129):
        try:
            resolver.ask(name, NOW)
            raise AssertionError(name)
        except ValueError:
            pass
    assert engine.texts == []
    assert resolver.asked is None
