"""Lines that a modem says unasked and that concern no link: known, and of no consequence.

Those that do something have tests of their own. A new one is a row here and a row in
`sixlink.dialect`, see CONTRIBUTING.md.
"""

from session import Session, splits
from test_at import CSQ, answer, connected, seams

NOTICES = (
    b'+CMTI: "SM",3',
    b"+CTZV: 24/08/21,11:23:27,+32",
    b'+CIEV: 10,"46000","CMCC","CMCC",0,0',
    b"+CFUN: 1",
    b"+SAPBR 1: DEACT",
    b"RING",
    b"Call Ready",
    b"SMS Ready",
    b"UNDER-VOLTAGE WARNNING",
    b'*PSUTTZ: 2024,8,21,3,23,27,"+32",0',
    b"DST: 0",
)


def test_a_notice_changes_nothing():
    for line in NOTICES:
        for pieces in splits(b"\r\n" + line + b"\r\n"):
            session = Session().bring_up()
            sock = session.open(0)
            for piece in pieces:
                session.say(piece)
            session.run(3000)
            assert session.engine.intake.unknown == 0, line
            assert session.modem.isconnected() and session.modem.links[0].up, line
            assert session.engine.resync.count == session.engine.timeouts == 0, line
            assert sock.send(b"hello") == 5


def test_a_notice_inside_an_answer_is_no_part_of_it():
    for line in NOTICES:
        session = connected()
        for at in seams(CSQ):
            answer(session, b"AT+CSQ\r", CSQ[:at] + b"\r\n" + line + b"\r\n" + CSQ[at:])
            assert session.modem.at("+CSQ") == ["+CSQ: 20,0"], (line, at)
        assert session.engine.intake.unknown == 0, line
