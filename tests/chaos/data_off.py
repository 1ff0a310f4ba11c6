"""Switches of personal data, people's rights and what is shipped."""

from tests.chaos.switching import Switch

SEALED, NOWHERE, MASKED = (
    "fields sealed under KMS",
    "no NIK, KK, phone, address",
    "masked in answers",
)
AT_REST = "sealed at rest, private, TLS only"
SEE, CORRECT, WITHDRAW, DELETE = "to see", "to correct", "to withdraw", "to be deleted"
STORAGE, LOST, FOUR = "limits of storage", "a lost phone or mailbox", "four accounts for a number"
CONSENT, OBJECT = "consent that relatives", "objection to an exclusion"
PINNED, PACKAGES, VENDORED = (
    "versions and hashes pinned",
    "packages without settings",
    "vendored files",
)
SECRETS = "no credential in the repository"
AUDITED = "the template against known weaknesses"

VERIFY, SELECT, RULES = "functions/verify/", "functions/select/", "functions/programme/"
VAULT = "functions/cloud/vault.py"
TEMPLATE, SEES_TEMPLATE = "infra/template.yaml", "tests/infra/test_template.py"
LEAVING, RETENTION = "tests/verify/test_leaving.py", "tests/verify/test_retention.py"
WITHDRAWING = "tests/select/test_withdrawing.py"
RECOVERY = "tests/ops/test_recovery.py"

SWITCHES = (
    Switch(
        SEALED,
        VAULT,
        "        return key_id + nonce + AESGCM(data_key).encrypt(nonce, text.encode(), place)",
        "        return key_id + nonce + AESGCM(data_key).encrypt(nonce, text.encode(), b'')",
        ("tests/cloud/test_vault.py",),
    ),
    Switch(
        SEALED,
        VAULT,
        "        nonce = os.urandom(NONCE_BYTES)\n",
        "        nonce = bytes(NONCE_BYTES)\n",
        ("tests/cloud/test_vault.py",),
    ),
    Switch(
        SEALED,
        VAULT,
        '        return hmac.digest(self.key(purpose), text.encode(), "sha256").hex()',
        '        return hmac.digest(self.key("nik"), text.encode(), "sha256").hex()',
        ("tests/cloud/test_vault.py",),
    ),
    Switch(
        SEALED,
        VAULT,
        '    return {"stage": config.stage, "key": thing}',
        '    return {"stage": config.stage}',
        ("tests/cloud/test_vault.py",),
    ),
    Switch(
        NOWHERE,
        VERIFY + "worker.py",
        'log.error("%s record %s: %s", what, record["messageId"], type(error).__name__)',
        'log.error("%s record %s: %r", what, record["messageId"], error)',
        ("tests/verify/test_delivery.py",),
    ),
    Switch(
        NOWHERE,
        "functions/web/application.py",
        'log.error("unexpected %s at %s", type(error).__name__, place)',
        'log.error("unexpected %r at %s", error, place)',
        ("tests/web/test_endpoints.py -k defect",),
    ),
    Switch(
        NOWHERE,
        VERIFY + "delivery.py",
        'for name in ("unsent", "to", "parameters") if name in row]',
        'for name in ("unsent",) if name in row]',
        ("tests/verify/test_delivery.py",),
    ),
    Switch(
        NOWHERE,
        VERIFY + "challenges.py",
        'PERSONAL = ("subject", "name", "password_hash")',
        'PERSONAL = ("subject",)',
        ("tests/verify/test_registration.py -k held_of_the_person",),
    ),
    Switch(
        MASKED,
        VERIFY + "me.py",
        '        "nik": mask_digits(nik),',
        '        "nik": nik,',
        ("tests/verify/test_me.py",),
    ),
    Switch(
        MASKED,
        VERIFY + "exporting.py",
        "    if runtime.clock() >= session.created_at + EXPORT_AFTER_LOGIN:",
        "    if False:",
        (LEAVING + " -k export",),
    ),
    Switch(
        MASKED,
        VERIFY + "exporting.py",
        "    post(runtime, letter)\n",
        "",
        (LEAVING + " -k export",),
    ),
    Switch(
        AT_REST,
        TEMPLATE,
        "      BucketName: !Sub gelombang-${Stage}-incoming-${AWS::AccountId}\n"
        "      PublicAccessBlockConfiguration: {BlockPublicAcls: true, BlockPublicPolicy: true,",
        "      BucketName: !Sub gelombang-${Stage}-incoming-${AWS::AccountId}\n"
        "      PublicAccessBlockConfiguration: {BlockPublicAcls: true, BlockPublicPolicy: false,",
        (SEES_TEMPLATE + " -k private",),
    ),
    Switch(
        AT_REST,
        TEMPLATE,
        '            Resource: [!GetAtt IncomingBucket.Arn, !Sub "${IncomingBucket.Arn}/*"]\n'
        '            Condition: {Bool: {"aws:SecureTransport": "false"}}',
        '            Resource: [!GetAtt IncomingBucket.Arn, !Sub "${IncomingBucket.Arn}/*"]\n'
        '            Condition: {Bool: {"aws:SecureTransport": "true"}}',
        (SEES_TEMPLATE + " -k private",),
    ),
    Switch(
        AT_REST,
        TEMPLATE,
        "      TableName: !Sub gelombang-${Stage}-accounts\n"
        "      BillingMode: PAY_PER_REQUEST\n"
        "      AttributeDefinitions:\n"
        "        - {AttributeName: applicant, AttributeType: S}\n"
        "      KeySchema:\n"
        "        - {AttributeName: applicant, KeyType: HASH}\n"
        "      SSESpecification: {SSEEnabled: true,",
        "      TableName: !Sub gelombang-${Stage}-accounts\n"
        "      BillingMode: PAY_PER_REQUEST\n"
        "      AttributeDefinitions:\n"
        "        - {AttributeName: applicant, AttributeType: S}\n"
        "      KeySchema:\n"
        "        - {AttributeName: applicant, KeyType: HASH}\n"
        "      SSESpecification: {SSEEnabled: false,",
        (SEES_TEMPLATE + " -k sealed",),
    ),
    Switch(
        SEE,
        VERIFY + "exporting.py",
        'PLAIN = ("name", "email", "phone", "nik", "kk", "birth_date", "sex")',
        'PLAIN = ("name", "email", "phone", "nik", "kk", "birth_date")',
        (LEAVING + " -k export",),
    ),
    Switch(
        CORRECT,
        VERIFY + "identity.py",
        '            missing("open_waves"),\n',
        "",
        ("tests/verify/test_identity.py -k lock",),
    ),
    Switch(
        WITHDRAW,
        SELECT + "withdrawing.py",
        '        add={"entries": -1, "weights": -weight(entry["commitment"])},',
        '        add={"entries": -1},',
        (WITHDRAWING,),
    ),
    Switch(
        WITHDRAW,
        SELECT + "withdrawing.py",
        'when=all_of(equals("open", True), at_most("opens_at", now), greater("closes_at", now)),\n',
        "",
        (WITHDRAWING,),
    ),
    Switch(
        DELETE,
        VERIFY + "leaving.py",
        "    accounts.demand_password(runtime, account, password, cost)\n",
        "",
        (LEAVING,),
    ),
    Switch(
        DELETE,
        VERIFY + "erasure.py",
        '    if readiness.get("open_waves"):',
        "    if False:",
        (LEAVING + " -k joined",),
    ),
    Switch(
        DELETE,
        VERIFY + "erasure.py",
        'OPENS_ENTRY = ("salt", "traits", "receipt_signature")',
        'OPENS_ENTRY = ("traits", "receipt_signature")',
        (LEAVING + " -k joined",),
    ),
    Switch(
        DELETE,
        VERIFY + "erasure.py",
        '    for purpose in ("phone", "change"):',
        '    for purpose in ("phone",):',
        (LEAVING,),
    ),
    Switch(
        DELETE,
        VERIFY + "leaving.py",
        '        add={"held": {LEAVING}},',
        '        add={"held": {"gone"}},',
        (LEAVING,),
    ),
    Switch(
        STORAGE,
        RULES + "retention.py",
        "REFUSED_PHOTO = 7 * DAY",
        "REFUSED_PHOTO = 70 * DAY",
        (RETENTION,),
    ),
    Switch(
        STORAGE,
        RULES + "retention.py",
        "UNSELECTED_PHOTO = 90 * DAY",
        "UNSELECTED_PHOTO = 900 * DAY",
        (RETENTION,),
    ),
    Switch(
        STORAGE,
        VERIFY + "retention.py",
        "        chain.append(runtime.tables, chain.JOBS, now, act, ended)",
        "        runtime.tables.write(ended)",
        (RETENTION,),
    ),
    Switch(
        LOST,
        "ops/recovery.py",
        '    code = rules.refusal(item["asked_at"], runtime.clock())\n',
        "    code = None\n",
        (RECOVERY,),
    ),
    Switch(
        LOST,
        "functions/verify/recovery.py",
        'when=all_of(equals("state", "waiting"), equals("stop_hash", hash_secret(secret))),',
        'when=equals("state", "waiting"),',
        (RECOVERY, "tests/attack/test_two_people.py -k recovery"),
    ),
    Switch(
        FOUR,
        VERIFY + "phone.py",
        '            size_less("applicants", ACCOUNTS_PER_PHONE),',
        '            exists("applicants"),',
        ("tests/verify/test_phone.py",),
    ),
    Switch(
        CONSENT,
        VERIFY + "schemas.py",
        "    consent = Flag(required=True, validate=_true)",
        "    consent = Flag(required=True)",
        ("tests/verify/test_app.py -k declaration",),
    ),
    Switch(
        OBJECT,
        RULES + "objections.py",
        '    return None if phase == "roster_published" and now < until else _OVER',
        "    return None",
        ("tests/ops/test_objections.py",),
    ),
    Switch(
        PINNED,
        "requirements/verify.txt",
        "zxcvbn==",
        "zxcvbn>=",
        ("tests/infra/test_pinned.py",),
    ),
    Switch(
        PINNED,
        "Makefile",
        "--no-deps --require-hashes -r requirements/dev.txt",
        "--no-deps -r requirements/dev.txt",
        ("tests/infra/test_pinned.py",),
    ),
    Switch(
        PACKAGES,
        "zappa_settings.json",
        '      "tests",\n      "Makefile",',
        '      "Makefile",',
        ("tests/infra/test_package.py",),
    ),
    Switch(
        PACKAGES,
        "infra/inspection.py",
        "        if ours and SECRET_WORDS.search(archive.read(name)):",
        "        if False:",
        ("tests/infra/test_package.py",),
    ),
    Switch(
        VENDORED,
        "site/vendor/README.md",
        "| `bls12-381.js` |",
        "| `bls12-382.js` |",
        ("tests/site/test_vendored.py -k recorded_hash",),
    ),
    Switch(
        AUDITED,
        "infra/audit.py",
        "    return new + gone",
        "    return gone",
        ("tests/infra/test_audit.py -k new_finding",),
    ),
    Switch(
        SECRETS,
        "infra/leaks.py",
        '        yield text.count("\\n", 0, match.start()) + 1, kind',
        "        pass",
        ("tests/infra/test_leaks.py",),
    ),
)
