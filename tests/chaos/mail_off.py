"""Switches of mail that comes back: whose address is marked, who is told, what the queue holds."""

from tests.chaos.switching import Switch

RETURNED, FATE = "mail that comes back", "what the provider tells of a mail"

VERIFY, TEMPLATE = "functions/verify/", "infra/template.yaml"
MAIL_EVENTS, SEES_ALARMS = "tests/verify/test_mail_events.py", "tests/infra/test_alarms.py"

SWITCHES = (
    Switch(
        RETURNED,
        VERIFY + "mail_events.py",
        '        when=all_of(exists("state"), *later),',
        '        when=exists("state"),',
        (MAIL_EVENTS,),
    ),
    Switch(
        RETURNED,
        VERIFY + "mail_events.py",
        '            when=all_of(equals("subject_mac", row["to_mac"]), missing("used_at")),',
        '            when=missing("used_at"),',
        (MAIL_EVENTS,),
    ),
    Switch(
        RETURNED,
        VERIFY + "mail_events.py",
        '            when=all_of(equals("subject_mac", row["to_mac"]), missing("used_at")),',
        '            when=equals("subject_mac", row["to_mac"]),',
        (MAIL_EVENTS,),
    ),
    Switch(
        RETURNED,
        VERIFY + "mail_events.py",
        '                any_of(missing("email_at"), less("email_at", _sent_at(row))),\n',
        "",
        (MAIL_EVENTS,),
    ),
    Switch(
        RETURNED,
        VERIFY + "accounts.py",
        'if mark and mark["mac"] == account["email_mac"] else None',
        "if mark else None",
        (MAIL_EVENTS,),
    ),
    Switch(
        RETURNED,
        VERIFY + "delivery.py",
        '    if field == "email" and accounts.unreachable(account):',
        "    if False:",
        (MAIL_EVENTS,),
    ),
    Switch(
        RETURNED,
        VERIFY + "registration.py",
        '    if "unreachable" in item:\n        raise',
        "    if False:\n        raise",
        (MAIL_EVENTS,),
    ),
    Switch(
        FATE,
        TEMPLATE,
        """'{"event": "bounced", "message": <message>}'""",
        """'{"event": "bounced", "message": <message>, "all": <aws.events.event.json>}'""",
        (SEES_ALARMS,),
    ),
    Switch(
        FATE,
        TEMPLATE,
        "            Principal: {Service: events.amazonaws.com}",
        '            Principal: "*"',
        (SEES_ALARMS,),
    ),
    Switch(
        FATE,
        TEMPLATE,
        """              ArnLike: {"aws:SourceArn": !Sub "arn:${AWS::Partition}:events:""",
        """              ArnNotLike: {"aws:SourceArn": !Sub "arn:${AWS::Partition}:events:""",
        (SEES_ALARMS,),
    ),
)
