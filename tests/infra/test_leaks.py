"""Credentials are known by their forms, and what only looks alike is not."""

import pytest

from infra.leaks import FORMS, leaks

FAKE = {
    "AWS access key": "AKIA" + "ABCDEFGH234567QR",
    "AWS secret key": "aws_secret_access_key = " + "aB3/" * 10,
    "private key": "-----BEGIN OPENSSH PRIVATE" + " KEY-----",
    "note signing key": "PRIVATE+KEY" + "+a.example/x+0123abcd+" + "A" * 44,
    "GitHub token": "ghp_" + "a1B2" * 9,
    "GitLab token": "glpat-" + "a1B2" * 5,
    "PyPI token": "pypi-AgEIcHlwaS" + "a1B2" * 20,
    "npm token": "npm_" + "a1B2" * 9,
    "Google key": "AIza" + "a1B2c" * 7,
    "Slack token": "xoxb-" + "1234-" * 5,
    "Stripe key": "sk_live_" + "a1B2" * 6,
    "Twilio key": "SK" + "0a1b" * 8,
    "JSON web token": ".".join(("eyJhbGciOiJIUzI1", "eyJzdWIiOiIxMjM0", "a1B2" * 6)),
    "password in an address": "postgresql://user:" + "correct-horse" + "@db.example/x",
}


@pytest.mark.parametrize("kind", FORMS)
def test_a_credential_is_found_with_its_line(kind):
    assert list(leaks(f"one\ntwo {FAKE[kind]}\n")) == [(2, kind)]


@pytest.mark.parametrize(
    "text",
    [
        "sha256:667b344e25d2bcbb7c42fcf6b92a07bb1d73ee9d6d12c3a7873ec4c490b6fb64",
        "https://relay.example:8443/a@b",
        "LOCALACCESSKEY000000",
        "-----BEGIN PUBLIC KEY-----",
        "postgresql://{user}:{password}@{host}",
    ],
)
def test_what_is_no_credential_is_not_found(text):
    assert list(leaks(text)) == []
