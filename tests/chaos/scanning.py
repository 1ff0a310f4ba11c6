"""`make wapiti`: a scanner of web sites against the whole local system, twice.

Once as a stranger, once with the session of an applicant. It finds the pages by their links and the
routes by the OpenAPI document, and puts its attacks into every parameter, bodies included. Nothing
is fetched from elsewhere: modules that download lists are left out, and what an attack tries to
make the system call is a listener of our own, which tells when it was called.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import urllib3

from tests.local.stack import running_stack

# Left out: what looks for other people's software or needs a list from elsewhere (buster, cms, cve,
# htp, network_device, nikto, takeover, wapp, wp_enum), a server of theirs for names (log4shell),
# TLS (https_redirect, ssl), and log-in forms with names and passwords (brute_login_form: ours is
# JSON; tests/attack/test_guessing.py).
MODULES = (
    *("backup", "cookieflags", "crlf", "csp", "csrf", "exec", "file", "htaccess", "http_headers"),
    *("ldap", "methods", "permanentxss", "redirect", "shellshock", "spring4shell", "sql", "ssrf"),
    *("timesql", "upload", "xss", "xxe"),
)
# Of one scan: of finding pages, of each module, of everything.
CRAWL_SECONDS, MODULE_SECONDS, LONGEST_SECONDS = 60, 30, 440
AT_ONCE = 4
# Not in any package that is deployed.
DEVELOPMENT = ("/local/*",)
PASSWORD = "becak hijau di alun-alun"
# It would end the session with which all else is asked.
ENDING = ("/api/verify/sessions", "delete")
# Values that pass the schemas, so that what is put into one field is not refused for another.
TYPED = {
    "name": "Pemindai",
    "email": "pemindai@contoh.id",
    "password": "salah sekali ini",
    "current": "salah sekali ini",
    "code": "123456",
    "token": "a" * 64,
    "phone": "081234569009",
    "nik": "3201014106959009",
    "kk": "3201010201159009",
    "birth_date": "1995-06-01",
    "province": "32",
    "regency": "3201",
    "district": "320101",
    "village": "Cibinong",
    "street": "Jalan Mawar 1",
    "text": "Salah.",
}
KINDS = ("vulnerabilities", "anomalies")
# Findings that are meant to be so, as docs/security.md explains them.
KNOWN = (
    r"csrf: Cross Site Request Forgery, POST (/en)?/(daftar|masuk|data)/\S*",
    r"cookieflags: Secure Flag cookie, GET /",
    r"http_headers: Clickjacking Protection, GET /",
    r"ldap: LDAP Injection, POST /api/verify/(accounts (name|password)|sessions password)",
)


@dataclass
class Scan:
    """What a scan looked at, and what it says is wrong: one line each. `known`: how many more."""

    name: str
    places: int = 0
    seconds: float = 0
    known: int = 0
    findings: list[str] = field(default_factory=list)


def run(tools: Path) -> list[Scan]:
    """Both scans of a fresh local system. `tools`: where wapiti's command lies."""
    with running_stack() as origin:
        cookies = logged_in(origin)
        scans = [
            scan(tools, origin, "a stranger", {}),
            scan(tools, origin, "an applicant", cookies),
        ]
        if asked(origin, "GET", "/me", cookies=cookies).status != 200:
            scans[-1].findings.append("the session ended on the way: less was attacked than meant")
        return scans


def scan(tools: Path, origin: str, name: str, cookies: dict[str, str]) -> Scan:
    """One run of wapiti over pages and routes."""
    found, begun = Scan(name), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="wapiti-") as folder, listener() as (address, heard):
        report = Path(folder) / "report.json"
        document = Path(folder) / "openapi.json"
        document.write_text(json.dumps(described(origin)))
        command = [str(tools / "wapiti"), *options(origin, address, document, report)]
        for header in headers(origin, cookies):
            command += ["--header", header]
        home = {**os.environ, "HOME": folder, "PYTHONWARNINGS": "ignore"}
        ran = subprocess.run(
            command, env=home, capture_output=True, text=True, timeout=LONGEST_SECONDS
        )
        if not report.exists():
            raise RuntimeError(f"wapiti wrote no report:\n{(ran.stdout + ran.stderr)[-3000:]}")
        told = json.loads(report.read_text())
    found.places = told["infos"]["crawled_pages_nbr"]
    every = [*findings(told), *(f"the system called {path}" for path in heard)]
    found.findings = [line for line in every if not any(re.fullmatch(k, line) for k in KNOWN)]
    found.known = len(every) - len(found.findings)
    found.seconds = time.monotonic() - begun
    return found


def described(origin: str) -> dict[str, Any]:
    """The OpenAPI document of the system, with values for what an applicant types."""
    document: dict[str, Any] = urllib3.request("GET", f"{origin}/api/openapi.json").json()
    path, method = ENDING
    del document["paths"][path][method]
    for schema in document["components"]["schemas"].values():
        for name, about in schema.get("properties", {}).items():
            if name in TYPED:
                about["default"] = TYPED[name]
    return document


def options(origin: str, endpoint: str, document: Path, report: Path) -> list[str]:
    """wapiti's options, but for the headers."""
    folder = report.parent
    given = {
        "--url": f"{origin}/",
        "--swagger": str(document),
        "--scope": "domain",
        "--module": ",".join(MODULES),
        "--endpoint": endpoint,
        "--max-scan-time": str(CRAWL_SECONDS),
        "--max-attack-time": str(MODULE_SECONDS),
        "--tasks": str(AT_ONCE),
        "--store-session": str(folder),
        "--store-config": str(folder),
        "--format": "json",
        "--output": str(report),
        "--verbose": "0",
    }
    excluded = [part for path in DEVELOPMENT for part in ("--exclude", origin + path)]
    flags = ["--no-bugreport", "--drop-set-cookie"]
    return [part for pair in given.items() for part in pair] + excluded + flags


def headers(origin: str, cookies: dict[str, str]) -> list[str]:
    """What our own pages send with each request."""
    found = [f"Origin: {origin}", f"Idempotency-Key: {secrets.token_hex(16)}"]
    if cookies:
        found.append("Cookie: " + "; ".join(f"{name}={value}" for name, value in cookies.items()))
    return found


def findings(report: dict[str, Any]) -> list[str]:
    """Each finding of a report as `module: kind, METHOD path [parameter]`."""
    every = [(name, one) for kind in KINDS for name, ones in report[kind].items() for one in ones]
    lines = {
        f"{one['module']}: {name}, {one['method']} {one['path']} {one['parameter'] or ''}".rstrip()
        for name, one in every
    }
    return sorted(lines)


@contextmanager
def listener() -> Iterator[tuple[str, list[str]]]:
    """A server of our own that attacks name; its address, and the paths that it was asked for.

    wapiti itself asks it in the end who called, by `get_….php`.
    """
    heard: list[str] = []

    class Listener(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if not self.path.startswith("/get_"):
                heard.append(self.path)
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(b"{}")

        do_POST = do_PUT = do_HEAD = do_GET

        def log_message(self, format: str, *arguments: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Listener)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/", heard
    finally:
        server.shutdown()


def logged_in(origin: str) -> dict[str, str]:
    """The cookies of a new applicant: registered, confirmed by the mailed code, logged in."""
    email = f"pemindai-{secrets.token_hex(4)}@contoh.id"
    about = {"name": "Pemindai", "email": email, "password": PASSWORD, "language": "id"}
    registration = cookies_of(asked(origin, "POST", "/accounts", about))
    code = mailed_code(origin, email)
    asked(origin, "POST", "/email/confirm", {"email": email, "code": code}, registration)
    answer = asked(origin, "POST", "/sessions", {"email": email, "password": PASSWORD})
    if answer.status != 201:
        raise RuntimeError(f"the applicant could not log in: {answer.data.decode()}")
    return cookies_of(answer)


def mailed_code(origin: str, email: str) -> str:
    """The code of the newest mail to an address, when it has come."""
    for _ in range(100):
        inbox = urllib3.request("GET", f"{origin}/local/inbox.json", fields={"to": email}).json()
        codes = [re.search(r"\b\d{6}\b", mail["text"]) for mail in inbox]
        if codes and codes[-1]:
            return codes[-1][0]
        time.sleep(0.2)
    raise RuntimeError("no code was mailed")


def asked(
    origin: str, method: str, path: str, body: Any = None, cookies: dict[str, str] | None = None
) -> urllib3.BaseHTTPResponse:
    """A request to verify, as our own page sends it."""
    sent = {"Origin": origin, "Idempotency-Key": secrets.token_hex(16)}
    sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in (cookies or {}).items())
    more = {} if body is None else {"json": body}
    return urllib3.request(method, f"{origin}/api/verify{path}", headers=sent, **more)


def cookies_of(answer: urllib3.BaseHTTPResponse) -> dict[str, str]:
    """The cookies that an answer sets."""
    lines = (line.partition(";")[0] for line in answer.headers.getlist("Set-Cookie"))
    return dict(line.split("=", 1) for line in lines)
