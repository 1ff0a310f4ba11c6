"""The names that the world knows a stage by: its certificate, its mail domain, their DNS records.

The records are set by whoever keeps the domain, which is seldom the same account or even the same
office; so nothing here waits for them, and a deploy goes on when they are seen.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from infra.deploy.stage import EDGE_REGION, Stage

KEY_BYTES = 32
# Bounces come back to a host of their own, which SPF speaks of.
BOUNCES = "bounce"


@dataclass(frozen=True)
class Record:
    """One DNS record, and what it is for."""

    name: str
    type: str
    value: str
    why: str


@dataclass(frozen=True)
class Names:
    """The certificate of the site, the mail identity of its domain, the key at the door."""

    stage: Stage

    def plan(self) -> list[str]:
        """What would be made."""
        stage, lines = self.stage, []
        if front_key(stage) is None:
            lines.append(f"make the front key {key_name(stage)}")
        if certificate(stage) is None:
            lines.append(f"ask for a certificate of {stage.domain} in {EDGE_REGION}")
        if identity(stage) is None:
            lines.append(f"make the mail identity {mail_domain(stage)}")
        if not self._bounces_known():
            lines.append(f"let bounces come to {bounces(stage)}")
        return lines

    def apply(self) -> None:
        """Make what is missing; each is found again by its name."""
        stage = self.stage
        if front_key(stage) is None:
            stage.client("ssm").put_parameter(
                Name=key_name(stage), Type="SecureString", Value=secrets.token_urlsafe(KEY_BYTES)
            )
        if certificate(stage) is None:
            stage.client("acm", EDGE_REGION).request_certificate(
                DomainName=stage.domain,
                ValidationMethod="DNS",
                IdempotencyToken=f"gelombang{stage.name}",
            )
        if identity(stage) is None:
            stage.client("sesv2").create_email_identity(EmailIdentity=mail_domain(stage))
        if not self._bounces_known():
            stage.client("sesv2").put_email_identity_mail_from_attributes(
                EmailIdentity=mail_domain(stage),
                MailFromDomain=bounces(stage),
                BehaviorOnMxFailure="USE_DEFAULT_VALUE",
            )

    def _bounces_known(self) -> bool:
        """No emulator knows this, and none gets bounces."""
        about = (identity(self.stage) or {}).get("MailFromAttributes", {})
        return self.stage.emulated or about.get("MailFromDomain") == bounces(self.stage)


def key_name(stage: Stage) -> str:
    """Where the key lies that CloudFront shows."""
    return f"/gelombang/{stage.name}/front/key"


def front_key(stage: Stage) -> str | None:
    """The key that CloudFront shows, if there is one."""
    ssm = stage.client("ssm")
    try:
        answer = ssm.get_parameter(Name=key_name(stage), WithDecryption=True)
    except ssm.exceptions.ParameterNotFound:
        return None
    return str(answer["Parameter"]["Value"])


def certificate(stage: Stage) -> dict[str, Any] | None:
    """The site's certificate: one that is issued before one that waits."""
    acm = stage.client("acm", EDGE_REGION)
    found = [
        acm.describe_certificate(CertificateArn=one["CertificateArn"])["Certificate"]
        for page in acm.get_paginator("list_certificates").paginate()
        for one in page["CertificateSummaryList"]
        if one["DomainName"] == stage.domain
    ]
    usable = [one for one in found if one["Status"] in ("ISSUED", "PENDING_VALIDATION")]
    return min(usable, key=lambda one: one["Status"] != "ISSUED", default=None)


def mail_domain(stage: Stage) -> str:
    """The domain that mails come from."""
    return stage.mail_from.rsplit("@", 1)[1]


def bounces(stage: Stage) -> str:
    """The host that mails are sent from on the envelope."""
    return f"{BOUNCES}.{mail_domain(stage)}"


def identity(stage: Stage) -> dict[str, Any] | None:
    """SES's account of the mail domain, if it has one."""
    ses = stage.client("sesv2")
    try:
        found: dict[str, Any] = ses.get_email_identity(EmailIdentity=mail_domain(stage))
    except ses.exceptions.NotFoundException:
        return None
    return found


def records(stage: Stage, distribution: str = "") -> list[Record]:
    """All DNS records of the stage that can be told so far. `distribution`: CloudFront's host."""
    found = []
    for option in (certificate(stage) or {}).get("DomainValidationOptions", ()):
        if "ResourceRecord" in option:
            record = option["ResourceRecord"]
            found.append(Record(record["Name"], record["Type"], record["Value"], "certificate"))
    mail = identity(stage)
    if mail is not None:
        found += mail_records(mail_domain(stage), stage.region, mail)
    if distribution:
        why = "the site (ALIAS where the domain itself is the site)"
        found.append(Record(stage.domain, "CNAME", distribution, why))
    return found


def mail_records(domain: str, region: str, mail: dict[str, Any]) -> list[Record]:
    """DKIM, SPF and DMARC of a mail domain, and where its bounces go."""
    dkim = mail.get("DkimAttributes", {})
    zone = dkim.get("SigningHostedZone") or "dkim.amazonses.com"
    envelope = f"{BOUNCES}.{domain}"
    spf = "v=spf1 include:amazonses.com -all"
    return [
        *(
            Record(f"{token}._domainkey.{domain}", "CNAME", f"{token}.{zone}", "DKIM")
            for token in dkim.get("Tokens", ())
        ),
        Record(envelope, "MX", f"10 feedback-smtp.{region}.amazonses.com", "bounces"),
        Record(envelope, "TXT", f'"{spf}"', "SPF of the envelope"),
        Record(domain, "TXT", f'"{spf}"', "SPF; merge it with one that is there"),
        Record(f"_dmarc.{domain}", "TXT", '"v=DMARC1; p=quarantine; adkim=s; aspf=r"', "DMARC"),
    ]
