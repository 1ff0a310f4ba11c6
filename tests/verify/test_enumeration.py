"""A known and an unknown address: the same answer after the same work (docs/security.md).

Registration and resend are held to it in test_registration.py, the NIK in test_identity.py.
"""

import pytest

from functions.verify import hashing, mailbox, passwords
from functions.web.errors import Unauthorized
from tests.fakes import Drawn, fake_runtime
from tests.verify.people import CHEAP, EMAIL, HERE, PASSWORD, join_programme, last_letter, login
from tests.verify.recording import RecordingTables

UNKNOWN = "tidak@contoh.id"


@pytest.fixture
def runtime():
    return fake_runtime(tables=RecordingTables(), random=Drawn())


@pytest.fixture
def hashes(monkeypatch):
    """The Argon2 hashes made or compared, by their cost."""
    made = []
    for name in ("matches", "hashed"):
        real = getattr(hashing, name)

        def noted(*given, name=name, real=real):
            made.append((name, given[-1]))
            return real(*given)

        monkeypatch.setattr(hashing, name, noted)
    return made


def forget(runtime, applicant, email):
    return passwords.forgot(runtime, email, address=HERE)


def move(runtime, applicant, email):
    answer, cookie = mailbox.change(runtime, applicant, email, PASSWORD, address=HERE, cost=CHEAP)
    return answer, len(cookie)


def log_in(runtime, applicant, email):
    with pytest.raises(Unauthorized) as error:
        login(runtime, email=email, password="salah sekali ini")
    return error.value.body()


@pytest.mark.parametrize("ask", [forget, move, log_in])
def test_a_known_and_an_unknown_address_take_the_same_work(runtime, hashes, ask):
    hashing.nobodys_hash(CHEAP)
    join_programme(runtime)
    other = join_programme(runtime, email="budi@contoh.id", name="Budi")
    made = []
    for email in (EMAIL, UNKNOWN):
        runtime.tables.calls.clear()
        hashes.clear()
        queued = len(runtime.queues.sent)
        answer = ask(runtime, other, email)
        done = list(runtime.tables.calls), list(hashes), len(runtime.queues.sent) - queued
        made.append((answer, *done))
    assert made[0] == made[1]


@pytest.mark.parametrize(
    ("ask", "known", "unknown"),
    [
        (forget, "reset_password", "reset_unknown"),
        (move, "already_registered", "change_email"),
    ],
)
def test_the_true_story_goes_to_the_mailbox(runtime, ask, known, unknown):
    join_programme(runtime)
    other = join_programme(runtime, email="budi@contoh.id", name="Budi")
    for email, template in ((EMAIL, known), (UNKNOWN, unknown)):
        ask(runtime, other, email)
        letter = last_letter(runtime)
        assert (letter["to"], letter["template"]) == (email, template)
