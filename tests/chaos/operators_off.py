"""Switches of operators and of the functions' roles."""

from tests.chaos.switching import Switch

ROLES = "one role for each function"
SAID = "what an applicant says in profile and declaration"
CALLS = "the schedule and the waves' machine alone"
STOPS = "what operators stop ends by itself"
TWO, VIEWS = "early close, void, recovery, disputes", "every view by an operator"
UNBOUGHT, GIVEN = "places of those who bought nothing", "a place taken back is given"

TEMPLATE, SEES_TEMPLATE = "infra/template.yaml", "tests/infra/test_template.py"
INVOKING = "tests/infra/test_invoking.py"
HELPDESK, OWN_LIMITS = "a help desk finds people", "a help desk takes off"
APPLICANTS = "tests/ops/test_applicants.py"
REVOCATIONS = "tests/ops/test_revocations.py"
REVIEW, OBJECTIONS = "tests/ops/test_review.py", "tests/ops/test_objections.py"
ANOTHER = "another operator must confirm"
UPLOAD_SESSIONS = (
    "                Resource: !GetAtt SessionsTable.Arn\n"
    "              - Sid: TablePhotos\n"
    "                Effect: Allow\n"
    "                Action: [dynamodb:GetItem, dynamodb:Query, dynamodb:PutItem,"
)
DISPUTES_CLAIMS = (
    "            Action: [dynamodb:UpdateItem]\n            Resource: !GetAtt ClaimsTable.Arn"
)

SWITCHES = (
    Switch(
        CALLS,
        TEMPLATE,
        '            Condition: {StringEquals: {"aws:SourceAccount": !Ref AWS::AccountId}}\n',
        "",
        (INVOKING + " -k schedule_and_the_waves",),
    ),
    Switch(
        CALLS,
        TEMPLATE,
        "              - Sid: StartWaves\n",
        "              - Sid: CallWorkers\n"
        "                Effect: Allow\n"
        "                Action: [lambda:InvokeFunction]\n"
        '                Resource: "*"\n'
        "              - Sid: StartWaves\n",
        (INVOKING + " -k detour",),
    ),
    Switch(
        CALLS,
        "zappa_settings.json",
        '    "keep_warm": false,',
        '    "keep_warm": true,',
        (INVOKING + " -k settings",),
    ),
    Switch(
        CALLS,
        "zappa_settings.json",
        '    "debug": false,',
        '    "debug": false,\n    "function_url_enabled": true,',
        (INVOKING + " -k settings",),
    ),
    Switch(
        SAID,
        TEMPLATE,
        "{dynamodb:Attributes: [applicant, ktp, selfie, nik_photo_mac]}",
        "{dynamodb:Attributes: [applicant, ktp, selfie, nik_photo_mac, profile_said]}",
        ("tests/infra/test_calls.py -k covers",),
    ),
    Switch(
        ROLES,
        TEMPLATE,
        UPLOAD_SESSIONS,
        UPLOAD_SESSIONS.replace(
            "!GetAtt SessionsTable.Arn", "[!GetAtt SessionsTable.Arn, !GetAtt AccountsTable.Arn]"
        ),
        (SEES_TEMPLATE + " -k upload_cannot_read",),
    ),
    Switch(
        ROLES,
        TEMPLATE,
        UPLOAD_SESSIONS,
        UPLOAD_SESSIONS.replace(
            "Action: [dynamodb:GetItem, dynamodb:Query,", 'Action: ["dynamodb:*",'
        ),
        (SEES_TEMPLATE + " -k no_role",),
    ),
    Switch(
        ROLES,
        TEMPLATE,
        DISPUTES_CLAIMS,
        DISPUTES_CLAIMS.replace("[", "[dynamodb:GetItem, "),
        ("tests/infra/test_calls.py -k never_called",),
    ),
    Switch(
        ROLES,
        TEMPLATE,
        DISPUTES_CLAIMS,
        DISPUTES_CLAIMS.replace("UpdateItem", "GetItem"),
        ("tests/infra/test_calls.py -k each_recorded_call",),
    ),
    Switch(
        TWO,
        "ops/void.py",
        '    if asked["by"].casefold() == operator.casefold():',
        "    if False:",
        ("tests/ops/test_void.py -k alone",),
    ),
    Switch(
        TWO,
        "ops/recovery.py",
        '    if item["asked_by"].casefold() == operator.casefold():',
        "    if False:",
        ("tests/ops/test_recovery.py -k alone",),
    ),
    Switch(
        TWO,
        "ops/disputes.py",
        '    if item["proposed_by"].casefold() == operator.casefold():',
        "    if False:",
        ("tests/ops/test_disputes.py -k alone",),
    ),
    Switch(
        UNBOUGHT,
        "ops/revocations.py",
        '    if asked["by"].casefold() == operator.casefold():',
        "    if False:",
        (REVOCATIONS + " -k alone",),
    ),
    Switch(
        UNBOUGHT,
        "ops/changes.py",
        "    if any(reason == UNBOUGHT for _, reason in people):",
        "    if False:",
        (REVOCATIONS + " -k alone",),
    ),
    Switch(
        UNBOUGHT,
        "ops/revocations.py",
        '    if due.digest != asked["digest"]:',
        "    if False:",
        (REVOCATIONS + " -k meanwhile",),
    ),
    Switch(
        UNBOUGHT,
        "ops/revocations.py",
        "    if wib_date(runtime.clock()) <= last:",
        "    if False:",
        (REVOCATIONS + " -k before_the_day",),
    ),
    Switch(
        UNBOUGHT,
        "functions/programme/purchases.py",
        "    if wib_date(now) <= last:",
        "    if False:",
        (REVOCATIONS + " -k midnight",),
    ),
    Switch(
        GIVEN,
        "ops/returned.py",
        'equals("changes", item["changes"]), _unchanged(item, "given")',
        'equals("changes", item["changes"])',
        (REVOCATIONS + " -k same_time",),
    ),
    Switch(
        GIVEN,
        "ops/returned.py",
        '    if after["open_places"] <= given:',
        "    if False:",
        (REVOCATIONS + " -k given_once",),
    ),
    Switch(
        GIVEN,
        "ops/returned.py",
        '    if after["waiting"] and runtime.clock() <= until:',
        "    if False:",
        (REVOCATIONS + " -k published_date",),
    ),
    Switch(
        STOPS,
        "functions/programme/flags.py",
        '    return bool(now < before["until_at"] + REST)',
        "    return False",
        ("tests/ops/test_flags.py -k alone",),
    ),
    Switch(
        STOPS,
        "ops/flags.py",
        "    if not 1 <= minutes <= longest:",
        "    if not 1 <= minutes:",
        ("tests/ops/test_flags.py -k longer",),
    ),
    Switch(
        STOPS,
        "functions/programme/flags.py",
        '    return item is not None and bool(now < item["until_at"])',
        "    return item is not None",
        ("tests/ops/test_flags.py -k ends_by_itself",),
    ),
    Switch(
        STOPS,
        "functions/web/endpoints.py",
        "    pausing.check(runtime, (endpoint.method, endpoint.rule))\n",
        "",
        ("tests/web/test_pausing.py -k takes_hold",),
    ),
    Switch(
        TWO,
        "functions/programme/audit.py",
        "        if record.hash != hash_of(record):",
        "        if False:",
        (REVIEW + " -k changed_record", "tests/programme/test_audit.py"),
    ),
    Switch(
        TWO,
        "functions/programme/audit.py",
        "        if record.previous != (BEGINNING if last is None else last.hash):",
        "        if False:",
        ("tests/programme/test_audit.py",),
    ),
    Switch(
        TWO,
        "functions/programme/audit.py",
        "    if wanted:\n        raise Broken",
        "    if False:\n        raise Broken",
        ("tests/programme/test_audit.py",),
    ),
    Switch(
        TWO,
        "functions/cloud/chain.py",
        'tables.write(*actions, Put("audit", item, when=missing("number")))',
        'tables.write(*actions, Put("audit", item))',
        (REVIEW, "tests/verify/test_leaving.py -k chain"),
    ),
    Switch(
        HELPDESK,
        "ops/applicants.py",
        "        audit.write(runtime, act)",
        "        pass",
        (APPLICANTS + " -k recorded",),
    ),
    Switch(
        HELPDESK,
        "ops/applicant_commands.py",
        "@by_what\n@for_reason\n@by_operator\n@click.option(",
        '@click.option("--nik")\n@by_what\n@for_reason\n@by_operator\n@click.option(',
        (APPLICANTS + " -k no_option",),
    ),
    Switch(
        HELPDESK,
        "ops/applicants.py",
        '        "language": account["language"],',
        '        "language": accounts.opened(runtime, account, "email"),',
        (APPLICANTS + " -k no_number",),
    ),
    Switch(
        HELPDESK,
        TEMPLATE,
        '["keys/nik", "keys/email", "keys/phone", "keys/limit"]}',
        '["keys/nik", "keys/email", "keys/phone", "keys/limit", "data-keys/*"]}',
        ("tests/infra/test_calls.py -k never_called",),
    ),
    Switch(
        OWN_LIMITS,
        "ops/applicants_unblocked.py",
        '    Clearable("export", EXPORTS, ACCOUNT),',
        '    Clearable("export", counting.MAIL_IN_ALL, ACCOUNT),',
        (APPLICANTS + " -k own_limits",),
    ),
    Switch(
        OWN_LIMITS,
        "ops/applicants_unblocked.py",
        "    audit.write(runtime, act, *gone)",
        "    runtime.tables.write(*gone)",
        (APPLICANTS + " -k log_in_again",),
    ),
    Switch(
        OWN_LIMITS,
        "ops/account_codes.py",
        "        fresh, before = texting.challenge(runtime, purpose, applicant, number, **kept)",
        "        fresh, before = item, item",
        (APPLICANTS + " -k awaited",),
    ),
    Switch(
        VIEWS,
        "ops/claims.py",
        "audit.write(runtime, act, Update(self.table, self.key(item), set=claim, when=when))",
        "runtime.tables.write(Update(self.table, self.key(item), set=claim, when=when))",
        (REVIEW + " -k view",),
    ),
    Switch(
        VIEWS,
        "ops/claims.py",
        "return any_of(missing(self.holder), equals(self.holder, operator), at_most(UNTIL, now))",
        'return equals("state", self.state)',
        (REVIEW, OBJECTIONS),
    ),
    Switch(
        VIEWS,
        "ops/objections.py",
        "    if not CLAIMS.holds(item, operator, now):",
        "    if False:",
        (OBJECTIONS,),
    ),
)
