"""What select's HTTP side takes and answers; OpenAPI is made from these."""

from __future__ import annotations

from marshmallow import ValidationError, fields, validate

from functions.programme.objections import MOST_TEXT, REASONS, readable
from functions.web.schemas import AnswerSchema, RequestSchema

MUST_AGREE = "must_agree"


def _agreed(value: bool) -> None:
    if not value:
        raise ValidationError(MUST_AGREE)


def _readable(value: str) -> None:
    if len(value) > MOST_TEXT:
        raise ValidationError("text_length")
    if not value.strip():
        raise ValidationError("missing")
    if not readable(value, MOST_TEXT):
        raise ValidationError("text_signs")


class JoinRequest(RequestSchema):
    """The applicant's consent to take part."""

    consent = fields.Boolean(required=True, truthy={True}, falsy={False}, validate=_agreed)


class WithdrawalAnswer(AnswerSchema):
    """An entry that was taken back."""

    wave = fields.Integer(required=True)
    withdrawn_at = fields.String(required=True)


class PoolAnswer(AnswerSchema):
    """Places reserved for some provinces."""

    name = fields.String(required=True)
    seats = fields.Integer(required=True)
    provinces = fields.List(fields.String(), required=True)


class LastRanks(AnswerSchema):
    """The last rank selected in the open pass and in each pool, and taken on reserve."""

    open = fields.Integer(required=True)
    reserve = fields.Integer(required=True)
    pools = fields.Dict(fields.String(), fields.Integer(), required=True)


class VoidAnswer(AnswerSchema):
    """Why a wave was ended before its round; the signed note says the same."""

    reason = fields.String(required=True)
    sentence = fields.String(required=True)
    voided_at = fields.String(required=True)


class WaveAnswer(AnswerSchema):
    """A wave; all of it is public."""

    wave = fields.Integer(required=True)
    phase = fields.String(required=True)
    quota = fields.Integer(required=True)
    reserve = fields.Integer(required=True)
    opens_at = fields.String(required=True)
    closes_at = fields.String(required=True)
    draw_at = fields.String(required=True)
    round = fields.Integer(required=True)
    provinces = fields.List(fields.String(), required=True, allow_none=True)
    pools = fields.List(fields.Nested(PoolAnswer), required=True)
    entries = fields.Integer(required=True, allow_none=True)
    last_ranks = fields.Nested(LastRanks, required=True, allow_none=True)
    returned_from = fields.Dict(fields.String(), fields.Integer(), required=True)
    void = fields.Nested(VoidAnswer, required=True, allow_none=True)


class WavesAnswer(AnswerSchema):
    """All waves, newest first."""

    waves = fields.List(fields.Nested(WaveAnswer), required=True)
    server_time = fields.String(required=True)


class ReceiptAnswer(AnswerSchema):
    """The receipt of the protocol; private to the applicant."""

    version = fields.Integer(required=True)
    wave = fields.Integer(required=True)
    entry = fields.String(required=True)
    salt = fields.String(required=True)
    commitment = fields.String(required=True)
    joined_at = fields.String(required=True)
    signature = fields.String(required=True)


class JoinAnswer(AnswerSchema):
    """An acknowledged entry, and what already speaks against it."""

    receipt = fields.Nested(ReceiptAnswer, required=True)
    exclusions = fields.List(fields.String(), required=True)


class OutcomeAnswer(AnswerSchema):
    """What became of an entry, and the figures that say why."""

    outcome = fields.String(required=True)
    reasons = fields.List(fields.String(), required=True)
    rank = fields.Integer(required=True, allow_none=True)
    pool = fields.String(required=True, allow_none=True)
    last_rank_open = fields.Integer(required=True)
    last_rank_pool = fields.Integer(required=True, allow_none=True)
    quota = fields.Integer(required=True)
    entries = fields.Integer(required=True)
    promoted_at = fields.String(required=True, allow_none=True)
    removed_for = fields.String(required=True, allow_none=True)


class RecordAnswer(AnswerSchema):
    """The entry's record on the frozen roster; status 0 takes part, 1 is excluded."""

    status = fields.Integer(required=True)
    group = fields.Integer(required=True)
    room = fields.Integer(required=True)
    pool = fields.Integer(required=True)
    pool_name = fields.String(required=True, allow_none=True)
    shared_by = fields.Integer(required=True)
    reasons = fields.List(fields.String(), required=True)


class ObjectionRequest(RequestSchema):
    """What an applicant objects to, in their own words."""

    reason = fields.String(required=True, validate=validate.OneOf(REASONS, error="not_a_choice"))
    text = fields.String(required=True, validate=_readable)


class ObjectionAnswer(AnswerSchema):
    """An objection and, once a person has decided, the answer."""

    state = fields.String(required=True)
    reason = fields.String(required=True)
    text = fields.String(required=True)
    objected_at = fields.String(required=True)
    answered_at = fields.String(required=True, allow_none=True)
    answer = fields.String(required=True, allow_none=True)
    sentence = fields.String(required=True, allow_none=True)


class EntrySummary(AnswerSchema):
    """One line of an applicant's entries."""

    wave = fields.Integer(required=True)
    phase = fields.String(required=True)
    joined_at = fields.String(required=True)
    outcome = fields.Nested(OutcomeAnswer, required=True, allow_none=True)


class EntriesAnswer(AnswerSchema):
    """An applicant's entries and all waves, newest first."""

    entries = fields.List(fields.Nested(EntrySummary), required=True)
    waves = fields.List(fields.Nested(WaveAnswer), required=True)
    server_time = fields.String(required=True)


class EntryAnswer(EntrySummary):
    """One entry with all that its applicant may know."""

    draw_at = fields.String(required=True)
    receipt = fields.Nested(ReceiptAnswer, required=True)
    exclusions = fields.List(fields.String(), required=True)
    record = fields.Nested(RecordAnswer, required=True, allow_none=True)
    objection = fields.Nested(ObjectionAnswer, required=True, allow_none=True)
    objection_until = fields.String(required=True, allow_none=True)


class ProofAnswer(AnswerSchema):
    """`proof.json` of the protocol."""

    version = fields.Integer(required=True)
    wave = fields.Integer(required=True)
    index = fields.Integer(required=True)
    roster_chunk = fields.String(required=True)
    roster_path = fields.List(fields.String(), required=True)
    results_chunk = fields.String(required=True)
    results_path = fields.List(fields.String(), required=True)
