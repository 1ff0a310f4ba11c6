"""Names, addresses and numbers with line breaks, marks of direction and signs of no width."""

from __future__ import annotations

import email
import unicodedata
from email import policy

import pytest

from functions.cloud.mail import SesMailer
from functions.verify import worker
from tests.fakes import CONFIG, fake_runtime

INSERTED = {
    "line feed": "\n",
    "carriage return": "\r",
    "both": "\r\n",
    "two lines": "\r\n\r\n",
    "folded": "\r\n ",
    "vertical tab": "\v",
    "next line": "\x85",
    "line separator": "\u2028",
    "paragraph separator": "\u2029",
    "null": "\x00",
    "escape": "\x1b[2J",
    "right to left": "\u202e",
    "isolate": "\u2067",
    "mark of direction": "\u200f",
    "no width": "\u200b",
    "joiner": "\u200d",
    "byte order mark": "\ufeff",
    "soft hyphen": "\u00ad",
    "private use": "\ue000",
    "unassigned": "\u0378",
    "tag": "\U000e0042",
}
REFUSED_IN_NAMES = ("Cc", "Cf", "Cs", "Co", "Cn")
FORM = {"password": "teh manis hangat", "language": "id"}


class Ses:
    """SES that keeps what it is handed."""

    def __init__(self):
        self.handed = []

    def __call__(self, name):
        return self

    def send_raw_email(self, **given):
        self.handed.append(given)
        return {"MessageId": str(len(self.handed))}


@pytest.fixture
def ses():
    return Ses()


def register(stage, **fields):
    body = {**FORM, "name": "Cici", "email": "cici@contoh.id", **fields}
    key = stage.runtime.random(16).hex()
    return stage.send("POST", "/api/verify/accounts", body, key=key)


def mailed(runtime, ses):
    """Every mail of the outbox through the real adapter: (receivers, message)."""
    from dataclasses import replace

    sending = replace(runtime, mailer=SesMailer(ses, CONFIG))
    records = [
        {"messageId": row["message"], "body": f'{{"message": "{row["message"]}"}}'}
        for row in runtime.tables.scan("outbox")
        if row["channel"] == "mail" and row["state"] == "waiting"
    ]
    assert worker.handle_batch(sending, records) == []
    return [
        (
            given["Destinations"],
            email.message_from_bytes(given["RawMessage"]["Data"], policy=policy.default),
        )
        for given in ses.handed
    ]


@pytest.mark.parametrize("sign", INSERTED.values(), ids=INSERTED)
def test_a_name_brings_no_header_and_no_hidden_sign_into_anything(stage, ses, sign):
    name = f"Sari{sign}Bcc: budi@evil.example"
    answer = register(stage, name=name, email="sari@contoh.id")
    if answer.status_code == 422:
        assert answer.json["error"]["params"]["fields"] == {"name": "text_signs"}
        return
    # What counts as white space is a space.
    assert answer.status_code == 202 and not sign.strip()
    ((challenge, item),) = [
        (key, item)
        for (key,), item in stage.tables["challenges"].items()
        if item["purpose"] == "register" and item["sent_at"] == stage.runtime.clock()
        if stage.runtime.vault.open("challenges", key, "subject", item["subject"])
        == "sari@contoh.id"
    ]
    kept = stage.runtime.vault.open("challenges", challenge, "name", item["name"])
    assert kept == "Sari Bcc: budi@evil.example"
    for receivers, message in mailed(stage.runtime, ses):
        assert len(receivers) == 1 and receivers[0] == str(message["To"])
        assert message["Bcc"] is None and message["Cc"] is None
        assert "evil.example" not in str(message["To"]) + str(message["Subject"])
    del stage.tables["challenges"][(challenge,)]


@pytest.mark.parametrize("sign", INSERTED.values(), ids=INSERTED)
@pytest.mark.parametrize(
    "typed",
    ["sari{}@contoh.id", "sari@contoh{}.id", "sari@contoh.id{}Bcc: budi@evil.example"],
)
def test_an_address_with_a_hidden_sign_is_no_address(stage, sign, typed):
    before = stage.snapshot()
    answer = register(stage, email=typed.format(sign))
    assert answer.json["error"]["params"]["fields"] == {"email": "email_invalid"}
    assert stage.snapshot() == before


@pytest.mark.parametrize(
    "typed",
    [
        "sari@contoh.id, budi@evil.example",
        "sari@contoh.id;budi@evil.example",
        "<sari@contoh.id>",
        "Sari <sari@contoh.id>",
        '"sari@contoh.id budi"@evil.example',
        "sari@[127.0.0.1]",
        "sari@localhost",
        "sari%budi@evil.example@contoh.id",
        "sari@contoh.id\tbudi@evil.example",
        "s\u0430ri@contoh.id",
        "sari\uff20contoh.id",
    ],
)
def test_an_address_is_one_mailbox_and_nothing_beside(stage, typed):
    answer = register(stage, email=typed)
    assert answer.json["error"]["params"]["fields"] == {"email": "email_invalid"}


def test_a_name_of_another_script_is_a_name(stage):
    for name in ("Nı Luh Putu", "Siti Nurhaliza bt. Ḥasan", "林美玲", "ꦱꦫꦶ", "Zoë D'Arcy-Ñ"):
        assert {unicodedata.category(sign) for sign in name}.isdisjoint(REFUSED_IN_NAMES)
        assert register(stage, name=name).status_code == 202


@pytest.mark.parametrize("sign", ["\n", "\r", "\r\n"])
def test_the_adapter_itself_sends_nothing_whose_header_would_break(ses, sign):
    mailer, words = SesMailer(ses, CONFIG), ("teks", "<p>")
    with pytest.raises(ValueError):
        mailer.send("sari@contoh.id", f"Judul{sign}Bcc: budi@evil.example", *words, message="ab12")
    with pytest.raises(ValueError):
        mailer.send(f"sari@contoh.id{sign}Bcc: budi@evil.example", "Judul", *words, message="ab12")
    assert ses.handed == []


@pytest.mark.parametrize(
    "typed",
    [
        "0812-3456-9001\n+6289999999999",
        "0812-3456-9001,0813-3456-9002",
        "0812-3456-9001;ext=5",
        "tel:0812-3456-9001;phone-context=+1",
        "0812-3456-9001\u202e",
        "0812-3456-9001\x00",
        "+1 900 555 0100",
        "0900 1234567",
        "sms:0812-3456-9001?body=x",
    ],
)
def test_a_number_is_one_indonesian_mobile_or_refused(typed):
    from functions.verify import phone
    from functions.web.errors import InvalidFields
    from tests.verify.people import HERE, join_programme, letters

    runtime = fake_runtime()
    applicant = join_programme(runtime)
    try:
        phone.start(runtime, applicant, typed, address=HERE)
    except InvalidFields as error:
        assert error.params["fields"] == {"phone": "phone_invalid"}
        assert letters(runtime, "phone_code") == []
    else:
        (letter,) = letters(runtime, "phone_code")
        assert letter["to"] == "+6281234569001"
