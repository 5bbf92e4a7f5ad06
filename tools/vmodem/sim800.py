"""SIMCom SIM800L, firmware R14.18: what it does otherwise than `profiles.LUAT`.

Source: SIM800 AT manual V1.10, SIM800 TCPIP application note V1.02, and what these modems were
seen to say. Numbers of times are those of a good network.
"""

from dataclasses import replace

from . import reasons
from .profiles import LUAT
from .tcpip import SIM800_TCPIP

SIM800 = replace(
    replace(LUAT, **SIM800_TCPIP),
    name="sim800",
    model="SIMCOM_SIM800L",
    firmware="SIM800 R14.18",
    revision="Revision:1418B05SIM800L24",
    imei="869988012345675",
    imsi="460001234567890",
    iccid="89860012345678901234",
    iccid_prefix="",
    # Command line: section 1.4.
    attention=("AT", "at", "aT", "At"),
    skips_to_attention=True,
    chains=True,
    wants_quotes=True,
    line_feed_ends=True,
    rate_finders=(b"AT", b"at"),
    max_line=2 + 556,
    absent_commands=frozenset(
        {"+CEREG", "+CIPPING", "+CIPQRCLOSE", "+CIPRXF", "+ICCID", "+RESET", "+VER"}
    ),
    # Errors: sections 2.2.31 (CMEE) and 19.1.
    errors=reasons.SIM800,
    cmee=0,
    cmee_prefix="+CMEE: ",
    no_carrier="ERROR",
    # Settings: 2.2.41 (IPR), 6.2.20 (CSCLK); the parameter saving mode stands with each command.
    baud_rates=(0, 1200, 2400, 4800, 9600, 14400, 19200, 28800, 38400, 57600, 115200)
    + (230400, 460800),
    baud_listing="+IPR: (),{}",
    flow_at_once=True,
    sleep_modes=(0, 1, 2),
    saved=("cmee", "report", "clts", "ciurc", "csclk", "call_results", "dcd", "dtr"),
    clock_start=("04/01/01,00:00:00", 0),
    listing_gap=" ",
    # Power: 1.4 (the string for synchronization), 6.2.1 (CPOWD), 19.3 (unsolicited codes).
    sync=b"\x00IIII\xff\xff\xff\xff",
    boot_noise=b"",
    boot_us=2_500_000,
    boot_lines=("RDY",),
    later_boot_lines=((300_000, "+CFUN: 1"),),
    announces_sim=True,
    sim_ready_us=1_200_000,
    ready_lines=((3_000_000, "Call Ready"), (3_800_000, "SMS Ready")),
    register_us=6_000_000,
    registered_lines=(),
    detached_lines=(),
    sim_off_lines=("+CPIN: NOT READY",),
    sim_removed_lines=("+CPIN: NOT READY",),
    sim_inserted_lines=("+CPIN: READY",),
    detaches_before_ok=True,
    radio_off_us=800_000,
    radio_on_us=1_500_000,
    power_key_lines=("NORMAL POWER DOWN",),
    # The spelling is the modem's.
    supply_dip_lines=("UNDER-VOLTAGE WARNNING",),
    supply_gone_lines=("UNDER-VOLTAGE POWER DOWN",),
    time_lines=(
        '*PSNWID: "460","00","CHINA MOBILE",0,"CMCC",0',
        '*PSUTTZ: 2020,12,9,12,57,4,"+12",0',
        '+CTZV: "+12",0',
        "DST: 0",
    ),
    chatter=(
        "RING",
        '+CMTI: "SM",1',
        '+CIEV: 10,"46000","CHINA MOBILE","CMCC",0,0',
        "SMS Ready",
        "+CREG: 1",
    ),
    # Registration: chapter 3 and section 7.2.1 (CGATT: 75 s at most).
    access_technology=None,
    location='"14B8","3AB6"',
    attach_wait_us=75_000_000,
    network_apn="",
    context_tail=',"0.0.0.0",0,0',
    # IP context: chapter 8.2.
    access_point=("CMNET", "", ""),
    credential_max=(50, 50, 50),
    activate_us=1_500_000,
    bearer_by_itself=False,
    dns_failure=8,
    dns_network_failure=3,
    dns_invalid_name=8,
    dns_has_context=False,
    # Sending and receiving; the wait for an acknowledgement is that of CIPSEND.
    quick_send_values=(0, 1),
    receive_values=(0, 1),
    acknowledge_us=645_000_000,
    escape_pluses_us=1_000_000,
    escape_after_us=1_000_000,
)
