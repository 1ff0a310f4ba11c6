"""Switches of requests: bodies, origins, other people's ids, photos on their way in."""

from tests.chaos.switching import Switch

JSON, HOSTS = "JSON only", "no mail and no answer names a host"
OWNER, FIELDS = "the owner comes from the session alone", "unknown fields are refused"
FORM, CHECK, HOSTILE = "exact key and type", "quarantine, check, re-encode", "hostile files"

WEB, UPLOAD = "functions/web/", "functions/upload/"
BODIES, ORIGINS = "tests/attack/test_bodies.py", "tests/attack/test_origins.py"
PEOPLE = "tests/attack/test_two_people.py"
REQUESTS, CHECKING = "tests/upload/test_photo_requests.py", "tests/upload/test_checking.py"
SANDBOX = "tests/upload/test_photo_sandbox.py"
HOSTILES = "tests/upload/test_photo_hostile.py"

SWITCHES = (
    Switch(
        JSON,
        WEB + "endpoints.py",
        '    if request.mimetype != "application/json":',
        "    if False:",
        (BODIES + " -k only_json",),
    ),
    Switch(
        JSON,
        WEB + "endpoints.py",
        '    if request.headers.get("Origin") != runtime.config.origin:',
        '    if not request.headers.get("Origin", "").startswith(runtime.config.origin):',
        (ORIGINS + " -k borrowed",),
    ),
    Switch(
        JSON,
        WEB + "endpoints.py",
        '    if endpoint.method != "GET":\n        _check_origin(runtime)',
        '    if endpoint.method == "POST":\n        _check_origin(runtime)',
        (ORIGINS + " -k borrowed",),
    ),
    Switch(
        JSON,
        WEB + "endpoints.py",
        'if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):',
        "if False:",
        (ORIGINS + " -k makes_us_read",),
    ),
    Switch(
        JSON,
        WEB + "endpoints.py",
        '    if text.count(b"[") + text.count(b"{") > MAX_BRACKETS:',
        "    if False:",
        (BODIES + " -k not_ours",),
    ),
    Switch(
        JSON,
        WEB + "endpoints.py",
        "    if len(found) < len(pairs):",
        "    if False:",
        (BODIES + " -k stands_twice",),
    ),
    Switch(
        JSON,
        WEB + "endpoints.py",
        ", parse_constant=_no_constant",
        "",
        (BODIES + " -k not_ours",),
    ),
    Switch(
        JSON,
        WEB + "endpoints.py",
        "        json.dumps(found, ensure_ascii=False).encode()\n",
        "",
        (BODIES + " -k not_ours",),
    ),
    Switch(
        JSON,
        WEB + "sessions.py",
        " or len(token) > LONGEST_TOKEN:",
        ":",
        (BODIES + " -k any_length",),
    ),
    Switch(
        JSON,
        "functions/verify/challenges.py",
        " or len(token) > LONGEST_TOKEN:",
        ":",
        (BODIES + " -k any_length",),
    ),
    Switch(
        JSON,
        UPLOAD + "photos.py",
        " if len(photo) <= LONGEST_ID else None",
        "",
        (BODIES + " -k any_length",),
    ),
    Switch(
        JSON,
        "functions/verify/schemas.py",
        'validate=validate.Range(0, HIGHEST_ATTEMPT, error="out_of_range"),',
        "",
        (BODIES + " -k attempt",),
    ),
    Switch(
        JSON,
        "local/server.py",
        "    timeout = SLOWEST\n",
        "    timeout = None\n",
        (BODIES + " -k waits_a_minute",),
    ),
    Switch(
        HOSTS,
        WEB + "application.py",
        "    app.url_map.merge_slashes = False\n",
        "",
        (ORIGINS + " -k spelling",),
    ),
    Switch(
        HOSTS,
        "functions/verify/schemas.py",
        '            raise ValidationError("text_signs")',
        "            pass",
        ("tests/attack/test_letters.py -k hidden_sign",),
    ),
    Switch(
        OWNER,
        UPLOAD + "review.py",
        '    items = list(runtime.tables.query("photos", applicant))',
        '    items = list(runtime.tables.scan("photos"))',
        (PEOPLE + " -k photos",),
    ),
    Switch(
        OWNER,
        WEB + "endpoints.py",
        "    session = _session(runtime) if access in (Access.SESSION, Access.EITHER) else None\n",
        "    session = _session(runtime) if access in (Access.SESSION, Access.EITHER) else None\n"
        '    if session and request.args.get("applicant"):\n'
        '        session = Session(request.args["applicant"], session.session)\n',
        (PEOPLE + " -k another",),
    ),
    Switch(
        OWNER,
        UPLOAD + "photos.py",
        'f"photo|{applicant}|{request_key}"',
        'f"photo|{request_key}"',
        (PEOPLE + " -k photo_form",),
    ),
    Switch(
        FIELDS,
        WEB + "schemas.py",
        "        unknown = RAISE",
        '        unknown = "exclude"',
        ("tests/attack/test_mass_assignment.py -k by_name",),
    ),
    Switch(
        FORM,
        "functions/cloud/files.py",
        '                ["content-length-range", 1, max_bytes],\n',
        "",
        ("tests/local/test_post_policy.py",),
    ),
    Switch(
        FORM,
        "functions/cloud/files.py",
        '                {"Content-Type": content_type},\n',
        '                ["starts-with", "$Content-Type", ""],\n',
        ("tests/local/test_post_policy.py",),
    ),
    Switch(
        FORM,
        "functions/programme/photos.py",
        "FORM_LIFE = 5 * MINUTE",
        "FORM_LIFE = 50 * MINUTE",
        (REQUESTS,),
    ),
    Switch(
        FORM,
        UPLOAD + "photos.py",
        '    return f"{applicant}/{photo}"',
        '    return f"photos/{photo}"',
        (REQUESTS,),
    ),
    Switch(
        "photos",
        UPLOAD + "photos.py",
        "        _check_daily_limit(runtime, applicant, now)\n",
        "",
        (REQUESTS,),
    ),
    Switch(
        CHECK,
        UPLOAD + "checking.py",
        '    return runtime.files.read("incoming", key, version=version)',
        '    return runtime.files.read("incoming", key)',
        (CHECKING,),
    ),
    Switch(
        CHECK,
        UPLOAD + "checking.py",
        '            when=equals("state", "waiting"),\n',
        "",
        (CHECKING,),
    ),
    Switch(
        CHECK,
        UPLOAD + "checking.py",
        'runtime.files.write("photos", key, verdict.clean,',
        'runtime.files.write("photos", key, runtime.files.read("incoming", key),',
        (CHECKING,),
    ),
    Switch(
        CHECK,
        UPLOAD + "checking.py",
        '    if runtime.files.size("incoming", key, version) > MAX_BYTES:',
        "    if False:",
        (CHECKING,),
    ),
    Switch(
        CHECK,
        UPLOAD + "matching.py",
        "        accepted=False,\n",
        "        accepted=True,\n",
        ("tests/upload/test_matching.py",),
    ),
    Switch(
        HOSTILE,
        UPLOAD + "photo/sandbox.py",
        "        resource.RLIMIT_NOFILE: (0, 0),\n",
        "",
        (SANDBOX + " -k no_credentials",),
    ),
    Switch(
        HOSTILE,
        UPLOAD + "photo/sandbox.py",
        "            env=clean_environment(),\n",
        "            env={**os.environ, **clean_environment()},\n",
        (SANDBOX + " -k no_credentials",),
    ),
    Switch(
        HOSTILE,
        UPLOAD + "photo/sandbox.py",
        "        resource.RLIMIT_AS: (confinement.memory_bytes, confinement.memory_bytes),\n",
        "",
        (SANDBOX + " -k goes_wrong",),
    ),
    Switch(
        HOSTILE,
        UPLOAD + "photo/sandbox.py",
        "    signal.setitimer(signal.ITIMER_REAL, confinement.wall_seconds)\n",
        "",
        (SANDBOX + " -k wall_clock",),
    ),
    Switch(
        HOSTILE,
        UPLOAD + "photo/decode.py",
        "    if found not in READABLE:",
        '    if found not in (*READABLE, "gif", "webp", "tiff"):',
        (HOSTILES,),
    ),
)
