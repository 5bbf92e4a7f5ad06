"""The families by name."""

from dataclasses import replace

from .profiles import LUAT, Profile
from .sim800 import SIM800

# Luat's older RDA8910 modems, as the Air724 guide of 2020 shows them.
AIR724 = replace(
    LUAT,
    name="air724",
    model="Air724UG",
    firmware="AirM2M_Air724UG_V401857_LTE_AT",
    revision="AirM2M_Air724UG_V401857_LTE_AT",
    absent_commands=LUAT.absent_commands - {"+CIPSERVER"},
    padded_addresses=True,
    bearer_address="{}",
)

PROFILES = {profile.name: profile for profile in (LUAT, SIM800, AIR724)}


def named(name: str) -> Profile:
    """The profile of that name; raises ValueError naming the known ones."""
    if name not in PROFILES:
        raise ValueError(f"unknown profile {name!r}, known: {', '.join(PROFILES)}")
    return PROFILES[name]
