"""The queues of the simulation: nothing is lost, and Erlang's and Little's laws hold."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest

from functions.programme.limits import MAIL_IN_ALL, SMS_BY_PREFIX, SMS_IN_ALL
from ops.errors import Refused
from ops.opening.arrivals import arrivals
from ops.opening.lines import Line, Waits
from ops.opening.servers import Workers, serve
from ops.opening.settings import Settings, load, names


def erlang_wait(rate, service, servers):
    """Mean wait before service in M/M/c (Erlang C), in the unit of `service`."""
    offered = rate * service
    below = sum(offered**k / math.factorial(k) for k in range(servers))
    full = offered**servers / math.factorial(servers) * servers / (servers - offered)
    return full / (below + full) * service / (servers - offered)


@pytest.mark.parametrize(("servers", "load_each"), [(1, 0.6), (4, 0.8)])
def test_waits_are_those_of_erlangs_formula(servers, load_each):
    chance = random.Random(servers)
    rate, came, at = servers * load_each, [], 0.0
    for _ in range(30_000):
        at += chance.expovariate(rate)
        came.append(at)
    course = serve(came, Workers(count=servers), lambda: chance.expovariate(1))
    waited = sum(course.waits) / len(came) - 1
    assert waited == pytest.approx(erlang_wait(rate, 1, servers), rel=0.1)


def test_the_mean_backlog_is_rate_times_mean_wait():
    chance = random.Random(5)
    came = sorted(chance.uniform(0, 1_000) for _ in range(3_000))
    course = serve(came, Workers(count=2, each=0.6))
    samples = [course.backlog(at) for at in range(0, 1_000, 2)]
    little = 3 * sum(course.waits) / len(came)
    assert sum(samples) / len(samples) == pytest.approx(little, rel=0.1)


def test_a_batch_is_done_one_after_the_other_and_the_rest_wait_for_the_next():
    workers = Workers(batch=10, fixed=1, each=0.1, after=0.5)
    course = serve([0.0] * 12, workers)
    assert course.done[:2] == pytest.approx([1.1, 1.2])
    assert course.done[9:] == pytest.approx([2.0, 3.6, 3.7])
    assert course.largest_backlog() == 12


def test_an_idle_worker_looks_again_only_after_its_pause():
    course = serve([0.25, 0.9], Workers(each=0.1, pause=0.2))
    assert course.done == pytest.approx([0.5, 1.0])


def test_a_line_in_steps_waits_as_long_as_its_workers_do_under_load():
    rng = np.random.default_rng(3)
    counts = rng.poisson(60, 200)
    came = [float(at) + 0.5 for at, count in enumerate(counts) for _ in range(count)]
    exact = serve(came, Workers(count=5, batch=10, each=0.1))
    line, waits = Line(), Waits()
    for at in range(400):
        line.join(at, counts[at] if at < 200 else 0)
        for when, count, _ in line.leave(5 / 0.1):
            waits.add(at - when, count)
    assert waits.count == len(came)
    for share in (0.5, 0.99):
        assert waits.quantile(share) == pytest.approx(exact.quantile(share), abs=2, rel=0.05)


def test_what_came_into_a_line_has_left_or_waits():
    line = Line()
    line.join(0, 5.5)
    line.join(1, 3, kind=1)
    left = list(line.leave(4, weights=(1, 2)))
    assert (sum(count for _, count, _ in left), line.size) == (4, 4.5)
    assert line.oldest() == 0
    assert sum(count for _, count, _ in line.leave(99, weights=(1, 2))) == 4.5
    assert (line.size, line.oldest()) == (0, None)


def test_waits_tell_quantiles_within_two_percent():
    waits = Waits()
    for seconds in range(1, 1_001):
        waits.add(seconds, 1)
    assert waits.quantile(0.5) == pytest.approx(500, rel=0.025)
    assert waits.quantile(0.99) == pytest.approx(990, rel=0.025)
    assert waits.within(100) == pytest.approx(0.1, abs=0.001)


def test_arrivals_are_all_there_with_their_busiest_minute_and_follow_from_the_seed():
    def made(seed):
        return arrivals(1_432_133, 21, 80_000, np.random.default_rng(seed))

    found = made(1)
    minutes = found.reshape(-1, 60).sum(axis=1)
    assert found.sum() == pytest.approx(1_432_133)
    assert minutes.max() == pytest.approx(80_000)
    assert (found == made(1)).all() and not (found == made(2)).all()


@pytest.mark.parametrize(("people", "hours", "busiest"), [(100, 1, 200), (10_000_000, 20, 8_000)])
def test_an_impossible_day_is_refused(people, hours, busiest):
    with pytest.raises(Refused):
        arrivals(people, hours, busiest, np.random.default_rng(1))


def test_a_preset_without_values_has_the_programmes_own_limits():
    assert load("default").sms.an_hour == Settings().sms.an_hour == SMS_IN_ALL.count
    assert load("default").mail.an_hour == MAIL_IN_ALL.count
    assert Settings().sms.prefix_an_hour == SMS_BY_PREFIX.count


def test_one_setting_can_be_changed_and_a_wrong_one_is_refused():
    assert set(names()) >= {"default", "granted", "ready", "waiting"}
    changed = load("ready", ["mail.rate=7", "functions.warm.verify=3", "sms.provider=sns"])
    assert (changed.mail.rate, changed.sms.provider) == (7, "sns")
    assert changed.functions.warm["verify"] == 3
    assert changed.functions.warm["upload"] == load("ready").functions.warm["upload"]
    for wrong in ("mail.speed=7", "mail=7", "mail.rate=fast", "mail.rate=-1", "mail.rate"):
        with pytest.raises(Refused):
            load("ready", [wrong])
    with pytest.raises(Refused):
        load("no-such-preset")
