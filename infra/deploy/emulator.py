"""What an emulator is given in place of what it cannot make; the rest can be tried on it."""

from __future__ import annotations

import re

from infra.deploy.templates import parts

# A condition of a statement, and the keys in it: ministack holds roles to their policies when it
# is asked to, but knows nothing of what a request of KMS or SES carries, and refuses them all.
CONDITION = re.compile(r"^( +)Condition:\n((?:\1 .*\n)+)", re.MULTILINE)
UNKNOWN = re.compile(r'"(?:kms|ses):\w')
# What it has an action of its own for, where AWS asks for the one of a single message.
OWN = {"[sqs:SendMessage,": "[sqs:SendMessage, sqs:SendMessageBatch,"}
# It asks for the right to send mail in general, and not from one identity.
SENDER = re.compile(r"(Action: \[ses:SendRawEmail\]\n +Resource:)\n(?: +- .*\n)+")


def understood(text: str) -> str:
    """A template without alarms over several metrics, which ministack refuses a stack for, without
    conditions on what it does not know of a request, and with the actions that it asks for."""
    for name, lines in parts(text).items():
        if "    Type: AWS::CloudWatch::Alarm\n" in lines and "\n      Metrics:\n" in lines:
            text = text.replace(f"  {name}:\n{lines}", "")
    text = SENDER.sub(r'\1 "*"\n', text)
    for action, actions in OWN.items():
        text = text.replace(action, actions)
    return CONDITION.sub(lambda found: "" if UNKNOWN.search(found[2]) else found[0], text)
