"""Switches of joining and drawing: what an operator's hand must not be able to do."""

from tests.chaos.switching import Switch

DELETED, MENDED = "an entry deleted, or replaced by another", "the same, with the gate's counters"
EDITED, LISTED = "a record or an outcome, after the freeze", "a public list, before the draw"

SELECT, DRAW = "functions/select/", "functions/programme/draw/"
OPERATOR = "tests/attack/test_operator.py"
JOIN = "tests/select/test_join.py"
FORGERIES, TAMPERING = (
    "tests/programme/draw/test_forgeries.py",
    "tests/programme/draw/test_tampering.py",
)

SWITCHES = (
    Switch(
        DELETED,
        SELECT + "freezing.py",
        "    if counted == (found.count, found.weights):",
        "    if True:",
        (OPERATOR + " -k by_hand",),
    ),
    Switch(
        DELETED,
        SELECT + "freezing.py",
        "    if counted == (found.count, found.weights):",
        "    if counted[0] == found.count:",
        ("tests/select/test_phases.py -k in_the_place_of_another",),
    ),
    Switch(
        DELETED,
        SELECT + "joining.py",
        'when=all_of(equals("open", True), at_most("opens_at", now), greater("closes_at", now)),',
        'when=equals("open", True),',
        (JOIN, "tests/select/test_close_race.py"),
    ),
    Switch(
        DELETED,
        SELECT + "joining.py",
        '        missing("held"),\n',
        "",
        (JOIN, "tests/select/test_withdrawing.py"),
    ),
    Switch(
        DELETED,
        SELECT + "joining.py",
        "        *map(exists, READINESS),\n",
        "",
        (JOIN,),
    ),
    Switch(
        MENDED,
        SELECT + "receipts.py",
        "        check_signature(own, pins.receipts, params.digest)\n",
        "",
        (OPERATOR + " -k nobody_signed",),
    ),
    Switch(
        MENDED,
        SELECT + "receipts.py",
        "        if root_of_listing(roster, RECORD_SIZE) != head.root:",
        "        if False:",
        (OPERATOR + " -k folder",),
    ),
    Switch(
        MENDED,
        DRAW + "commitment.py",
        "    if not hmac.compare_digest(commitment, found.commitment):",
        "    if False:",
        ("tests/programme/draw/test_proof.py",),
    ),
    Switch(
        EDITED,
        DRAW + "proof.py",
        "        if record.commitment != own.commitment:",
        "        if False:",
        ("tests/programme/draw/test_proof.py",),
    ),
    Switch(
        EDITED,
        DRAW + "proof.py",
        "    if root_from_path(chunk, leaf, leaf_count(n), path) != root:",
        "    if False:",
        ("tests/programme/draw/test_proof.py",),
    ),
    Switch(
        EDITED,
        SELECT + "freezing.py",
        '            when=all_of(exists("entry"), missing("record")),',
        '            when=exists("entry"),',
        ("tests/select/test_phases.py", "tests/select/test_crash.py"),
    ),
    Switch(
        LISTED,
        SELECT + "drawing.py",
        "    verify_wave(files, read_pins(turn.runtime.files), lists=QuickLists(files))\n",
        "",
        (OPERATOR + " -k public_list",),
    ),
    Switch(
        LISTED,
        DRAW + "verify.py",
        "        if ChunkTree(data, roster.RECORD_SIZE).root != wave.head.root:",
        "        if False:",
        (TAMPERING, FORGERIES),
    ),
    Switch(
        LISTED,
        DRAW + "verify.py",
        "        if said != expected:",
        "        if False:",
        (FORGERIES,),
    ),
    Switch(
        LISTED,
        DRAW + "rounds.py",
        "    if len(times) < pins.quorum:",
        "    if False:",
        (FORGERIES, "tests/programme/draw/test_rounds.py"),
    ),
    Switch(
        LISTED,
        DRAW + "rounds.py",
        "    if published < params.closes_at:",
        "    if False:",
        ("tests/programme/draw/test_rounds.py", FORGERIES),
    ),
    Switch(
        LISTED,
        DRAW + "notes.py",
        "        if not key.holds(message, signature):",
        "        if False:",
        ("tests/programme/draw/test_notes.py", FORGERIES),
    ),
    Switch(
        LISTED,
        DRAW + "notes.py",
        "        if named in met:",
        "        if False:",
        ("tests/programme/draw/test_notes.py",),
    ),
)
