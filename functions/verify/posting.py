"""Posting: a change and the letter that tells of it, in one transaction."""

from __future__ import annotations

from functions.cloud.outbox import Letter, hurry, queue_of, row
from functions.cloud.runtime import Runtime
from functions.cloud.tables import Action, ConditionFailed


def post(runtime: Runtime, letter: Letter, *actions: Action) -> None:
    """Do all actions and put the letter into the outbox, or nothing. Raises ConditionFailed.

    The letter's id must be random, made by this call, or made from what the letter tells of: when
    its row is there already, it was written before and only the answer was lost, which is success.
    """
    letter_row = row(runtime.vault, letter, runtime.clock())
    try:
        runtime.tables.write(*actions, letter_row)
    except ConditionFailed as error:
        if error.failed.get(len(actions)) is None:
            raise
    hurry(runtime.queues, letter.message, queue=queue_of(letter.template))
