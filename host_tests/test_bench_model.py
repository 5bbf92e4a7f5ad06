"""The model of what the dialect allows, and the arithmetic of the benchmark."""

import pytest

from tools.bench import figures, model

# -- the model -----------------------------------------------------------------------------------


def test_the_wire_carries_a_tenth_of_its_baud_rate():
    assert model.wire(115200) == 11520


def test_pushed_packets_cost_their_header_of_20_bytes():
    assert model.push_down(115200) == pytest.approx(11520 * 1460 / 1480)
    assert model.push_down(9600, size=9) == pytest.approx(960 * 9 / (9 + 17))


def test_a_segment_is_typed_after_its_prompt_and_accepted_after_its_last_byte():
    # AT+CIPSEND=0,1460 CR LF 19, prompt 4, payload 1460, CR LF DATA ACCEPT:0,1460 CR LF 22
    bytes_moved = 19 + 4 + 1460 + 22
    seconds = bytes_moved / 92160 + 0.010 + 0.010
    assert model.up(921600, 0.010) == pytest.approx(1460 / seconds)


def test_a_read_waits_once():
    # AT+CIPRXGET=2,0,1024 CR LF 22, +CIPRXGET: 2,0,1024,1460 between two CR LF 28, OK 6
    seconds = (22 + 28 + 1024 + 6) / 11520 + 0.050
    assert model.pull_down(115200, 0.050, 1024) == pytest.approx(1024 / seconds)


def test_without_latency_only_the_bytes_of_the_commands_are_lost():
    assert model.up(115200, 0) == pytest.approx(11520 * 1460 / 1505)
    assert model.pull_down(115200, 0, 1024) == pytest.approx(11520 * 1024 / 1080)


@pytest.mark.parametrize("rate", [model.up, lambda b, s: model.pull_down(b, s, 1024)])
def test_latency_costs_more_where_the_line_is_faster(rate):
    lost = [1 - rate(baud, 0.010) / rate(baud, 0) for baud in (115200, 460800, 921600)]
    assert lost == sorted(lost)


def test_a_round_trip_is_a_send_and_what_comes_back():
    send = (17 + 4 + 64 + 20) / 46080 + 2 * 0.010
    assert model.round_trip(460800, 0.010, 64, push=True) == pytest.approx(
        send + (18 + 64) / 46080
    )
    # +CIPRXGET: 1,0 between two CR LF 18, AT+CIPRXGET=2,0,64 CR LF 20, its answer's head 26
    assert model.round_trip(460800, 0.010, 64, push=False) == pytest.approx(
        send + (18 + 20 + 26 + 64) / 46080 + 0.010
    )


def test_an_arrival_takes_its_bytes():
    assert model.arrival(115200, 1) == pytest.approx((17 + 1) / 11520)


# -- arithmetic ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ["shares", "index"],
    [([5, 5, 5, 5], 1), ([7, 0, 0, 0], 0.25), ([1, 2, 3], 36 / 42), ([4], 1)],
)
def test_jain_index(shares, index):
    assert figures.jain(shares) == pytest.approx(index)


@pytest.mark.parametrize("shares", [[], [0, 0]])
def test_nothing_is_not_fair(shares):
    with pytest.raises(ValueError):
        figures.jain(shares)


def test_percentiles_are_values_that_occurred():
    values = [30, 10, 20, 40]
    assert [figures.percentile(values, percent) for percent in (1, 25, 26, 50, 99, 100)] == [
        *(10, 10, 20, 20, 40, 40)
    ]
    assert figures.median([3, 1, 2]) == 2
    assert figures.percentile(range(1, 201), 99) == 198


@pytest.mark.parametrize(["values", "percent"], [([], 50), ([1], 0), ([1], 101)])
def test_no_percentile_of_nothing(values, percent):
    with pytest.raises(ValueError):
        figures.percentile(values, percent)
