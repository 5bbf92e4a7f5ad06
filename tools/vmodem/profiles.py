"""What differs between modem families, as data.

Source of `LUAT`: Luat AT manual for Air780E/EP (EC618/EC718) and captures of those modems.
"""

from dataclasses import dataclass

from .tcpip import TcpIp


@dataclass(frozen=True)
class Profile(TcpIp):
    """One family. Times are microseconds, sizes bytes."""

    name: str
    model: str
    firmware: str
    imei: str
    imsi: str
    iccid: str
    operator: str
    address: str
    dns: tuple[str, str]

    # After reset: noise, the first line, and the burst when the SIM is registered.
    boot_noise: bytes
    boot_us: int
    boot_lines: tuple[str, ...]
    register_us: int
    registered_lines: tuple[str, ...]
    detached_lines: tuple[str, ...]
    sim_removed_lines: tuple[str, ...]
    sim_inserted_lines: tuple[str, ...]
    # Unsolicited lines that may come at any time and mean nothing to a TCP/IP host.
    chatter: tuple[str, ...]

    has_cereg: bool
    access_technology: int
    cmee: int
    max_line: int

    power_on_us: int
    power_off_us: int
    reset_us: int
    radio_on_us: int
    activate_us: int
    shut_us: int
    connect_timeout_us: int
    acknowledge_us: int

    quick_send_values: tuple[int, ...]
    receive_values: tuple[int, ...]
    host_max: int
    credential_max: tuple[int, int, int]
    segment_max: int
    receive_window: int
    send_window: int
    append_crlf: bool

    link_separator: str
    rxget_prefix: str
    already_connect: str

    escape_before_us: int
    escape_pluses_us: int
    escape_after_us: int
    no_carrier: str
    dns_failure: int


LUAT = Profile(
    name="luat",
    model="Air780EP",
    firmware="AirM2M_780EP_V1007_LTE_AT",
    imei="861290079934290",
    imsi="460083928707986",
    iccid="898604B9102271779909",
    operator="CHINA MOBILE",
    address="10.78.245.128",
    dns=("211.136.112.50", "211.136.150.66"),
    boot_noise=b"\xfe",
    boot_us=1_000_000,
    boot_lines=("RDY",),
    register_us=5_000_000,
    registered_lines=(
        "^MODE: 17,17",
        "+E_UTRAN Service",
        "+CGEV: ME PDN ACT 1",
        "+NITZ: 24/08/22,07:27:15+32, ",
    ),
    detached_lines=("+CGEV: ME DETACH",),
    sim_removed_lines=(
        "^MODE: 0,0",
        "+NO Service",
        "+CGEV: NW PDN DEACT 1",
        "+CGEV: ME DETACH",
        "+CPIN: SIM REMOVED 0",
    ),
    sim_inserted_lines=("+CPIN: READY 0",),
    chatter=(
        "+NITZ: 24/08/22,07:00:02+32, ",
        "+NITZ: 2024/08/27,06:36:38+0, ",
        "+CGEV: ME PDN ACT 1,0",
        "+E_UTRAN Service",
        "^MODE: 17,17",
        "+CREG: 1",
    ),
    has_cereg=True,
    access_technology=7,
    cmee=1,
    max_line=2048,
    # Flow chart of the Luat AT manual: power key low for 1-2 s. Its 150 ms of reset are 100 ms
    # and a reserve; how long the key must be held to switch off is not stated there.
    power_on_us=1_000_000,
    power_off_us=3_000_000,
    reset_us=100_000,
    radio_on_us=140_000,
    activate_us=200_000,
    shut_us=100_000,
    connect_timeout_us=75_000_000,
    acknowledge_us=50_000_000,
    quick_send_values=(0, 1, 2),
    receive_values=(0, 1, 5),
    host_max=128,
    credential_max=(128, 32, 32),
    segment_max=1460,
    receive_window=16 * 1024,
    send_window=16 * 1024,
    append_crlf=False,
    link_separator=", ",
    rxget_prefix="+CIPRXGET: ",
    already_connect="OK",
    escape_before_us=1_000_000,
    escape_pluses_us=500_000,
    escape_after_us=500_000,
    no_carrier="NO CARRIER",
    dns_failure=10,
)

PROFILES = {profile.name: profile for profile in (LUAT,)}


def named(name: str) -> Profile:
    """The profile of that name; raises ValueError naming the known ones."""
    if name not in PROFILES:
        raise ValueError(f"unknown profile {name!r}, known: {', '.join(PROFILES)}")
    return PROFILES[name]
