"""What `+CME ERROR: <n>` means, in words. Loaded when an error is printed.

Numbers: Luat AT manual, CME ERROR table; SIM800 AT manual V1.10, chapter 19. The words are ours.
"""

# A line each: number, words. One string costs a board less than a dict of them.
_BOTH = """
3 operation not allowed
4 not supported
10 no SIM
11 SIM PIN required
12 SIM PUK required
13 SIM failure
14 SIM busy
16 wrong password
30 no network service
31 network timeout
100 unknown
107 GPRS not allowed
132 service option not supported
133 service option not subscribed
134 service option out of order
148 GPRS error
149 APN, user or password refused
765 invalid value
766 mode not supported
767 operation failed
791 parameter refused
792 parameter refused
793 parameter refused
794 parameter refused
795 parameter refused
796 parameter refused
797 parameter refused
"""

_LUAT = """
50 execution failed
51 no memory
52 option not supported
53 invalid parameters
58 invalid command line
151 command timed out
181 QCI value not supported
600 card access refused
901 PDP context not active
902 PDP context active already
910 connection refused
911 connection timed out
912 socket exists
913 no such socket
914 buffer full
915 sending timed out
916 name not resolved
917 name not resolved
918 name not resolved
65535 other error
"""

_SIM800 = """
160 name not resolved
161 socket not opened
177 network not reached
180 not attached to GPRS
181 TCP/IP stack busy
600 no error
601 unknown command
602 return value
603 syntax error
604 unspecified
605 data transfer under way
606 action under way
608 command line too long
"""

_LUAT_SHIFT = 210  # Luat's 810-824 are SIM800's 600-614


def meaning(cme, family):
    """The meaning of number `cme` in `family`, "" where it is not known."""
    if family == "luat" and 810 <= cme <= 824:
        return _find(_SIM800, cme - _LUAT_SHIFT)
    return _find(_OF.get(family, ""), cme) or _find(_BOTH, cme)


_OF = {"luat": _LUAT, "sim800": _SIM800}


def _find(table, cme):
    key = "\n%d " % cme
    at = table.find(key)
    if at < 0:
        return ""
    at += len(key)
    return table[at : table.find("\n", at)]
