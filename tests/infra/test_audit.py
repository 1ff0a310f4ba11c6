"""What a scanner finds is held against what is accepted, both ways."""

import pytest

from infra.audit import ACCEPTED, TEMPLATES, accepted, differences, findings
from local.template import read

REPORT = {
    "summary": {"parsing_errors": 0, "resource_count": 2},
    "results": {"failed_checks": [{"check_id": "CKV_1", "resource": "AWS::S3::Bucket.Photos"}]},
}


def test_a_new_finding_and_one_that_is_gone_are_told():
    assert findings(REPORT) == {("CKV_1", "Photos")}
    assert differences(findings(REPORT), {("CKV_1", "Photos")}) == []
    assert differences(findings(REPORT), {("CKV_2", "Photos")}) == [
        "CKV_1 on Photos: not accepted",
        "CKV_2 on Photos: found no more",
    ]


def test_a_report_on_nothing_is_not_taken_for_a_clean_one():
    with pytest.raises(ValueError, match="could not read a template"):
        findings({**REPORT, "summary": {"parsing_errors": 1, "resource_count": 0}})


def test_every_accepted_finding_has_a_reason_and_a_resource_that_exists():
    resources = {resource for _, resource in accepted(ACCEPTED.read_text())}
    assert resources <= {name for file in TEMPLATES for name in read(file)["Resources"]}
    with pytest.raises(ValueError, match="no reason"):
        accepted("- {check: CKV_1, resources: [Photos], why: ' '}")
