"""The share follows the rate, slowly enough not to swing, and the room empties by itself."""

from __future__ import annotations

import pytest

from functions.programme.admission import (
    BLIND,
    EVERYONE,
    FEWEST,
    LONGEST,
    SHORTEST,
    next_share,
    next_span,
    per_second,
)
from functions.programme.times import MINUTE

RATE, PROVED = 300, 0.75


def course(minutes, came, share, lag):
    """People let in each minute, and those outside, when they prove their address after `lag`
    minutes; who is told to come back does so evenly within the span."""
    back = [0.0] * (minutes + LONGEST // 60 + 2)
    inside, outside, span = [], [], 5 * SHORTEST
    for minute in range(minutes):
        at_door = came(minute) + back[minute]
        let_in = at_door * share / EVERYONE
        inside.append(let_in)
        ahead = max(1, round(span / 60))
        for later in range(ahead):
            back[minute + 1 + later] += (at_door - let_in) / ahead
        outside.append(sum(back[minute + 1 :]))
        seen = inside[minute - lag] * PROVED / 60 if minute >= lag else 0.0
        share = next_share(share, RATE * PROVED, seen, (minute + 1) * MINUTE)
        span = next_span(span, share)
    return inside, outside


@pytest.mark.parametrize("lag", [1, 3, 5])
def test_a_rush_is_let_in_near_the_rate_and_the_room_is_empty_afterwards(lag):
    """80,000 in the first minute, halving every five, with what an even day brings."""
    inside, outside = course(
        600, lambda m: 80_000 * 0.5 ** (m / 5) + 4_000, EVERYONE * RATE * 60 // 80_000, lag
    )
    wanted = RATE * 60
    full = next(m for m in range(600) if m > 5 and outside[m] < wanted)
    assert max(inside) < 1.7 * wanted
    later = inside[15:full]
    assert 0.6 * wanted < sum(later) / len(later) < 1.3 * wanted
    assert outside[-1] < 60 and full <= 60


def test_with_fewer_than_the_rate_everyone_is_let_in():
    inside, outside = course(240, lambda m: 6_000, EVERYONE // 5, 3)
    assert outside[-1] < 1 and inside[-1] == pytest.approx(6_000)


def test_a_step_is_small_and_smaller_upwards():
    for share in (FEWEST, 1_000, EVERYONE // 2, EVERYONE):
        for seen in (0.01, 10, 300, 5_000):
            after = next_share(share, RATE, seen, BLIND)
            assert max(FEWEST, 0.69 * share) <= after <= min(EVERYONE, 1.11 * share + 1)
    assert next_share(EVERYONE // 2, RATE, RATE, BLIND) == EVERYONE // 2
    assert next_share(EVERYONE // 2, RATE, 2 * RATE, BLIND) < EVERYONE // 2


def test_before_anyone_can_have_proved_an_address_the_share_stays():
    assert next_share(200_000, RATE, 0, BLIND - 1) == 200_000
    assert next_share(200_000, RATE, 0, BLIND) > 200_000


def test_return_times_are_spread_wider_while_many_wait_and_never_beyond_half_an_hour():
    span = SHORTEST
    for _ in range(50):
        wider = next_span(span, EVERYONE // 10)
        assert wider > span or wider == LONGEST
        span = wider
    assert span == LONGEST == 1_800
    assert next_span(SHORTEST, EVERYONE) == SHORTEST


def test_a_count_over_a_time_is_people_a_second():
    assert per_second(600, 2 * MINUTE) == 5
    assert per_second(3, 0) == 3
