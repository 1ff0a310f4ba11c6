"""What one applicant costs may not rise: requests of the site, write units of each route."""

from __future__ import annotations

import pytest

from functions.verify import phone
from functions.verify.delivery import deliver
from ops.opening.measured import measured
from tests.bench import budget
from tests.bench.counted import KB, len_of
from tests.fakes import fake_runtime
from tests.verify.people import HERE, join_programme, letters, prove_identity

# Write units of each request of the way, indexes with them.
MOST = {
    "POST /api/verify/accounts": 4 + 1 / 4 + 1 / 16,
    "POST /api/verify/email/confirm": 9,
    "POST /api/verify/sessions": 2,
    "POST /api/verify/phone": 4 + 1 / 4 + 2 / 16,
    "POST /api/verify/phone/confirm": 6,
    "PUT /api/verify/identity": 6,
    "PUT /api/verify/declaration": 1,
    "POST /api/verify/test": 1,
    "PUT /api/verify/test/answers/<int:number>": 1,
    "POST /api/verify/test/submit": 2,
    "POST /api/select/waves/<int:wave>/entry": 9,
}


@pytest.fixture(scope="module")
def costs():
    """Each request of one applicant's way, on counting ports."""
    return budget.by_route()


def test_no_request_writes_more_than_it_did(costs):
    writes = {route: cost.writes for route, cost in costs.items() if route.split()[0] != "GET"}
    letters = {name for name in writes if name.startswith(("mail ", "sms "))}
    assert {route: n for route, n in writes.items() if route not in letters} == MOST


def test_reading_writes_nothing(costs):
    assert {r for r, cost in costs.items() if r.startswith("GET ") and cost.writes} == set()


def test_the_whole_way_keeps_the_budget(costs):
    parts = budget.by_part(measured().journey, {**budget.known_costs(), **costs})
    total = budget.counted(parts)
    assert total.writes == budget.MOST_WRITES == sum(MOST.values()) - MOST[f"PUT {budget.ANSWERS}"]
    assert total.requests <= budget.MOST_REQUESTS <= budget.AIM_REQUESTS
    assert total.writes <= budget.AIM_WRITES
    assert budget.kept(total)
    more = total + budget.Cost(writes=1)
    assert not budget.kept(more)


def test_the_file_of_the_simulation_has_the_units_of_today(costs):
    known = budget.known_costs()
    assert {r: (c.reads, c.writes) for r, c in known.items() if r in costs} == {
        r: (c.reads, c.writes) for r, c in costs.items() if r in known
    }
    assert set(measured().journey) <= set(known)


def test_the_account_of_a_long_name_and_address_is_written_for_one_unit():
    runtime = fake_runtime()
    email = "nur.aisyah.putri.kusumawardani@surat.contoh.id"
    applicant = join_programme(runtime, email, name="Nur Aisyah Putri Kusumawardani binti Abdul")
    phone.start(runtime, applicant, "0812-3456-9001", address=HERE)
    code = letters(runtime, "phone_code")[-1]["parameters"]["code"]
    for letter in letters(runtime):
        deliver(runtime, letter["message"])
    phone.confirm(runtime, applicant, code)
    prove_identity(runtime, applicant)
    account = runtime.tables.get("accounts", {"applicant": applicant})
    assert {"nik", "kk", "phone", "delivery"} <= set(account)
    assert len_of(account) <= KB
