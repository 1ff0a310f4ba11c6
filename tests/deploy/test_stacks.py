"""A stack is made, changed when what it is made of changes, and told part by part."""

from collections import Counter

import pytest

from infra.deploy.course import INFRA
from infra.deploy.emulator import understood
from infra.deploy.stacks import Stack
from infra.deploy.stage import Refused
from infra.deploy.templates import parts
from local.template import read

PARAMETERS = {"Stage": "dev", "TlsOnly": "true"}


@pytest.fixture
def stack(stage, cloudformation, tmp_path):
    """The packages' stack, of a copy of its template that may be changed."""
    file = tmp_path / "packages.yaml"
    file.write_text((INFRA / "packages.yaml").read_text())

    def make(**more):
        return Stack(stage, "gelombang-dev-packages", file, {**PARAMETERS, **more})

    make.file = file
    return make


def test_a_stack_is_made_once_and_then_left_alone(stack, cloudformation):
    assert stack().plan() == ["make stack gelombang-dev-packages of packages.yaml"]
    stack().apply()
    stack().apply()
    assert cloudformation.changes == ["gelombang-dev-packages"]
    assert stack().plan() == []


def test_a_changed_template_is_told_resource_by_resource(stack, cloudformation):
    stack().apply()
    text = stack.file.read_text()
    text = text.replace("  PackagesBucketPolicy:\n", "  OtherPolicy:\n")
    stack.file.write_text(text.replace("ExpirationInDays: 180", "ExpirationInDays: 90"))
    (line,) = stack().plan()
    assert line.endswith("+OtherPolicy, -PackagesBucketPolicy, ~PackagesBucket")
    stack().apply()
    assert cloudformation.changes == ["gelombang-dev-packages"] * 2
    assert stack().plan() == []


def test_a_changed_parameter_is_a_change_even_where_it_is_secret(stack, cloudformation):
    stack(FrontKey="one").apply()
    cloudformation.stacks["gelombang-dev-packages"]["Parameters"] = []
    assert stack(FrontKey="one").plan() == []
    assert stack(FrontKey="two").plan() == ["update stack gelombang-dev-packages: parameters"]
    assert "one" not in str(cloudformation.stacks["gelombang-dev-packages"]["Tags"])


def test_a_stack_that_cannot_be_updated_is_named(stack, cloudformation):
    stack().apply()
    cloudformation.stacks["gelombang-dev-packages"]["StackStatus"] = "ROLLBACK_COMPLETE"
    stack.file.write_text(stack.file.read_text() + "# changed\n")
    with pytest.raises(Refused, match="ROLLBACK_COMPLETE"):
        stack().apply()


def test_a_large_template_goes_by_way_of_the_packages_bucket(stage, cloudformation, bucket):
    name = bucket("packages")
    Stack(stage, "gelombang-dev", INFRA / "template.yaml", PARAMETERS, bucket=name).apply()
    about = cloudformation.stacks["gelombang-dev"]
    url = about["TemplateURL"]
    assert url.startswith(f"https://{name}.s3.{stage.region}.amazonaws.com/templates/template-")
    key = url.split(".com/")[1]
    stored = stage.client("s3").get_object(Bucket=name, Key=key)["Body"].read()
    assert stored == (INFRA / "template.yaml").read_bytes()
    assert "TemplateBody" not in about


@pytest.mark.parametrize("name", ["packages", "front"])
def test_the_parts_of_a_template_are_its_resources(name):
    file = INFRA / f"{name}.yaml"
    assert set(parts(file.read_text())) == set(read(file)["Resources"])


def test_an_emulator_is_given_all_but_alarms_over_several_metrics():
    whole = (INFRA / "template.yaml").read_text()
    left = parts(understood(whole))
    gone = {name: lines for name, lines in parts(whole).items() if name not in left}
    assert {"ErrorsAlarm", "ThrottlesAlarm"} <= set(gone) and "PhotosAgeAlarm" in left
    assert all("Type: AWS::CloudWatch::Alarm" in lines for lines in gone.values())
    assert understood(whole).endswith(whole[whole.index("\nOutputs:\n") :])


def test_an_emulator_is_given_every_condition_but_those_on_kms_and_ses(tmp_path):
    whole = INFRA / "template.yaml"
    file = tmp_path / "template.yaml"
    file.write_text(understood(whole.read_text()))
    before, left = conditions(read(whole)), conditions(read(file))
    assert {key for key in before if key not in left} == {
        *("kms:CallerAccount", "kms:ViaService", "ses:FromAddress"),
        *("kms:EncryptionContext:key", "kms:EncryptionContext:stage"),
    }
    assert left == {key: count for key, count in before.items() if key in left}
    assert left["dynamodb:LeadingKeys"] == 1


def conditions(found):
    """How often each key of a condition stands in a template."""
    counted = Counter()
    if isinstance(found, list):
        for part in found:
            counted += conditions(part)
    if isinstance(found, dict):
        for name, part in found.items():
            if name == "Condition" and isinstance(part, dict):
                counted.update(key for keys in part.values() for key in keys)
            counted += conditions(part)
    return counted


def test_the_packages_bucket_is_private_versioned_sealed_and_refuses_plain_http():
    resources = read(INFRA / "packages.yaml")["Resources"]
    about = resources["PackagesBucket"]["Properties"]
    assert set(about["PublicAccessBlockConfiguration"].values()) == {True}
    assert about["VersioningConfiguration"] == {"Status": "Enabled"}
    assert about["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    assert about["BucketEncryption"]
    (refusal,) = resources["PackagesBucketPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert (refusal["Effect"], refusal["Condition"]) == (
        "Deny",
        {"Bool": {"aws:SecureTransport": "false"}},
    )
    records = [r for r in about["LifecycleConfiguration"]["Rules"] if "ExpirationInDays" in r]
    assert [rule["Prefix"] for rule in records] == ["packages/"]
