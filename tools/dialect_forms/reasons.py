"""What several rows say."""

from .form import unknown

NOT_SIM800 = unknown("not in the SIM800 manual")
NOT_LUAT = unknown("not in the Luat manual")
NO_EPS = unknown("2G has no EPS")
ANY_BYTE = "a length is announced, so that a payload may hold any byte"
ONE_MODE = "the form of the other mode"
