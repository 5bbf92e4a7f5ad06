"""Sending."""

from .form import MULTI, ON_REQUEST, SINGLE, Form, never, refuses, typed
from .reasons import ANY_BYTE, ONE_MODE

SENDING = (
    Form(
        "AT+CIPSEND=?",
        mode=SINGLE,
        heard=("test_vmodem_commands.py::test_answer@luat",),
    ),
    Form(
        "AT+CIPSEND=?",
        mode=MULTI,
        at="multi idle",
        heard=("test_vmodem_links.py::test_send_test_form_in_multi_link_mode@luat",),
    ),
    Form(
        "AT+CIPSEND?",
        mode=SINGLE,
        heard=("test_vmodem_commands.py::test_answer@luat",),
    ),
    Form(
        "AT+CIPSEND?",
        mode=MULTI,
        at="multi link",
        heard=("test_vmodem_links.py::test_send_buffer_fills_and_empties@luat",),
    ),
    Form(
        "AT+CIPSEND",
        never(ANY_BYTE),
        mode=SINGLE,
        at="single link",
        heard=("test_vmodem_links.py::test_single_link_forms@luat",),
    ),
    Form(
        "AT+CIPSEND",
        never(ANY_BYTE),
        refuses(ONE_MODE),
        mode=MULTI,
        at="multi link",
        heard=("test_vmodem_links.py::test_send_refused_without_a_prompt@luat",),
    ),
    Form(
        "AT+CIPSEND=<length>",
        typed(
            "`socket.send`",
            "shared/test_seed_cipstart.py::test_single_sends_and_closes@luat",
            "test_dialect_firmware.py::test_a_link_from_connect_to_close",
        ),
        mode=SINGLE,
        example="AT+CIPSEND=5",
        at="single link",
        heard=(
            "test_vmodem_links.py::test_single_link_forms@luat",
            "test_vmodem_sending.py::test_more_than_a_segment_is_refused_in_every_form",
        ),
    ),
    Form(
        "AT+CIPSEND=<n>",
        never(ANY_BYTE),
        mode=MULTI,
        example="AT+CIPSEND=0",
        at="multi link",
        heard=(
            "test_vmodem_links.py::test_ctrl_z_form_at_every_split@luat",
            "test_vmodem_sending.py::test_a_whole_segment_up_to_ctrl_z",
        ),
    ),
    Form(
        "AT+CIPSEND=<n>,<length>",
        typed(
            "`socket.send`",
            "shared/test_send.py::test_prompt_body_result@luat",
            "test_dialect_firmware.py::test_a_link_from_connect_to_close",
        ),
        mode=MULTI,
        example="AT+CIPSEND=0,5",
        at="multi link",
        heard=(
            "test_vmodem_links.py::test_payload_of_any_bytes_is_counted_never_read@luat",
            "test_vmodem_links.py::test_payload_at_every_split@luat",
            "test_vmodem_sending.py::test_sim800_waits_for_the_peer_for_645_seconds@sim800",
        ),
    ),
    Form(
        "AT+CIPSEND=<n>,<length>",
        never(ONE_MODE),
        refuses(ONE_MODE),
        mode=SINGLE,
        example="AT+CIPSEND=0,5",
        at="single link",
        heard=("test_vmodem_links.py::test_single_link_forms@luat",),
    ),
    Form(
        "prompt `> `, payload",
        typed(
            "`socket.send`: no payload without it",
            "shared/test_send.py::test_nothing_is_typed_without_a_prompt@luat",
            "test_dialect_firmware.py::test_a_link_from_connect_to_close",
        ),
        key="prompt",
        heard=("test_vmodem_links.py::test_payload_typed_before_the_prompt_is_lost@luat",),
    ),
    Form(
        "Ctrl-Z ends a payload",
        never(ANY_BYTE),
        key="ctrl-z",
        heard=("test_vmodem_links.py::test_ctrl_z_form_at_every_split@luat",),
    ),
    Form(
        "ESC cancels a payload",
        never(ANY_BYTE),
        key="esc",
        heard=("test_vmodem_links.py::test_escape_cancels_the_ctrl_z_form@luat",),
    ),
    Form(
        "AT+CIPQSEND=?",
        heard=("test_vmodem_sending.py::test_values_of_quick_send",),
    ),
    Form(
        "AT+CIPQSEND?",
        heard=("test_vmodem_sending.py::test_what_every_value_of_quick_send_means",),
    ),
    Form(
        "AT+CIPQSEND=<n>",
        typed(
            "bring-up: quick send",
            "shared/test_bringup.py::test_everything_in_order@luat",
            "test_dialect_firmware.py::test_nothing_unknown_is_said_in_a_bring_up",
        ),
        example="AT+CIPQSEND=1",
        heard=(
            "test_vmodem_links.py::test_quick_send_says_data_accept@luat",
            "test_vmodem_links.py::test_slow_send_waits_for_the_acknowledgement@luat",
            "test_vmodem_sending.py::test_what_every_value_of_quick_send_means",
        ),
    ),
    Form(
        "AT+CIPACK=?",
        heard=("test_vmodem_start.py::test_test_forms_that_are_just_ok@luat",),
    ),
    Form(
        "AT+CIPACK",
        typed(
            "`socket.close`, lost `SEND OK`",
            "test_dialect_firmware.py::test_a_link_from_connect_to_close",
        ),
        mode=SINGLE,
        at="single link",
        heard=("test_vmodem_sending.py::test_spaces_of_cipack@luat",),
    ),
    Form(
        "AT+CIPACK",
        ON_REQUEST,
        refuses(ONE_MODE),
        mode=MULTI,
        at="multi link",
        heard=("test_vmodem_links.py::test_acknowledged_bytes@luat",),
    ),
    Form(
        "AT+CIPACK=<n>",
        typed(
            "`socket.close`, lost `SEND OK`",
            "shared/test_send.py::test_close_drains_then_asks_cipack_then_closes@luat",
            "shared/test_send.py::test_lost_result_that_had_arrived_goes_on_without_sending_twice@luat",
            "test_dialect_firmware.py::test_a_link_from_connect_to_close",
        ),
        mode=MULTI,
        example="AT+CIPACK=0",
        at="multi link",
        heard=("test_vmodem_links.py::test_acknowledged_bytes@luat",),
    ),
    Form(
        "AT+CIPACK=<n>",
        ON_REQUEST,
        refuses(ONE_MODE),
        mode=SINGLE,
        example="AT+CIPACK=0",
        at="single link",
        heard=("test_vmodem_sending.py::test_spaces_of_cipack@luat",),
    ),
    Form("AT+CIPSPRT=?"),
    Form(
        "AT+CIPSPRT?",
        heard=("test_vmodem_sending.py::test_prompt_and_result_switched_off@luat",),
    ),
    Form(
        "AT+CIPSPRT=<n>",
        typed(
            "bring-up: prompt",
            "test_dialect_firmware.py::test_nothing_unknown_is_said_in_a_bring_up",
        ),
        example="AT+CIPSPRT=1",
        heard=("test_vmodem_links.py::test_prompt_can_be_switched_off@luat",),
    ),
    Form(
        "AT+CIPATS=?",
        heard=("test_vmodem_sending.py::test_forms_of_auto_send@luat",),
    ),
    Form(
        "AT+CIPATS?",
        heard=("test_vmodem_sending.py::test_forms_of_auto_send@luat",),
    ),
    Form(
        "AT+CIPATS=<0|1>[,<seconds>]",
        typed(
            "bring-up: send timer",
            "test_dialect_firmware.py::test_nothing_unknown_is_said_in_a_bring_up",
        ),
        example="AT+CIPATS=1,10",
        heard=(
            "test_vmodem_sending.py::test_forms_of_auto_send@luat",
            "test_vmodem_sending.py::test_when_the_clock_of_auto_send_starts@luat",
        ),
    ),
)
