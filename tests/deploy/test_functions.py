"""What Zappa cannot set is set, a second deploy does nothing, and nothing strange is read."""

import pytest

from infra.bundle import ZIP
from infra.deploy.functions import FRONT_KEYS, Functions, api_id, key_digest, package_digest
from infra.deploy.stage import HTTP_FUNCTIONS, Refused
from tests.deploy.conftest import FakeZappa, packages, queue

KEY = "k" * 43


# One of each kind; moto takes its time for six.
FUNCTIONS = ("select", "verify_worker")


@pytest.fixture
def deployed(stage, bucket, tmp_path, monkeypatch):
    """Deploys packages of a text; gives what was told and the functions."""
    monkeypatch.setattr("infra.deploy.functions.FUNCTIONS", FUNCTIONS)
    bucket("packages")
    zappa = FakeZappa(stage)

    def deploy(text="one", key=KEY):
        folder = packages(tmp_path / text, text)
        digests = {name: package_digest(folder / name / ZIP) for name in FUNCTIONS}
        functions = Functions(stage, digests, key, zappa, folder)
        told = functions.plan()
        functions.apply(lambda line: None)
        return told, functions

    deploy.zappa = zappa
    return deploy


def test_functions_are_made_and_a_second_deploy_changes_nothing(stage, deployed):
    told, _ = deployed()
    assert len(told) == len(FUNCTIONS) and all(line.startswith("make function") for line in told)
    assert [command for command, _ in deployed.zappa.calls] == ["deploy"] * len(FUNCTIONS)
    deployed.zappa.calls.clear()
    told, _ = deployed()
    assert (told, deployed.zappa.calls) == ([], [])


def test_every_event_source_answers_in_part_though_zappa_cannot_say_so(stage, deployed):
    deployed()
    mappings = stage.client("lambda").list_event_source_mappings()["EventSourceMappings"]
    assert mappings
    assert {tuple(about["FunctionResponseTypes"]) for about in mappings} == {
        ("ReportBatchItemFailures",)
    }


def test_every_event_source_is_held_to_the_bound_of_its_settings(stage, deployed):
    deployed()
    client = stage.client("lambda")
    mappings = client.list_event_source_mappings()["EventSourceMappings"]
    bounds = {
        about["EventSourceArn"].rsplit("-", 1)[1]: (about.get("ScalingConfig") or {}).get(
            "MaximumConcurrency"
        )
        for about in mappings
    }
    assert bounds == {"outbox": 2, "codes": 2, "events": None}
    for about in mappings:
        client.update_event_source_mapping(
            UUID=about["UUID"], ScalingConfig={"MaximumConcurrency": 900}
        )
    told, _ = deployed()
    outbox = f"arn:aws:sqs:{stage.region}:{stage.account}:gelombang-dev-outbox"
    assert f"batches of {outbox} at once: 900 to 2" in told
    assert len(told) == len(mappings)
    assert deployed()[0] == []


def test_new_code_updates_and_is_told_with_both_packages(stage, deployed):
    _, before = deployed()
    deployed.zappa.calls.clear()
    told, after = deployed("two")
    assert {command for command, _ in deployed.zappa.calls} == {"update"}
    name = stage.function("select")
    old, new = before.packages["select"][:12], after.packages["select"][:12]
    assert f"update function {name}: package {old} to {new}" in told


def test_the_same_files_have_the_same_digest_whenever_they_were_packed(tmp_path):
    one, two = packages(tmp_path / "a", "x"), packages(tmp_path / "b", "x")
    other = packages(tmp_path / "c", "y")
    digests = [package_digest(folder / "select" / ZIP) for folder in (one, two, other)]
    assert digests[0] == digests[1] != digests[2]


def test_only_the_functions_behind_cloudfront_know_the_digest_of_its_key(stage, deployed):
    deployed()
    for name in FUNCTIONS:
        found = stage.client("lambda").get_function_configuration(FunctionName=stage.function(name))
        variables = found.get("Environment", {}).get("Variables", {})
        expected = key_digest(KEY) if name in HTTP_FUNCTIONS else None
        assert variables.get(FRONT_KEYS) == expected
        assert KEY not in str(variables)


def test_code_that_somebody_else_put_there_is_put_right(stage, deployed, bucket):
    deployed()
    deployed.zappa.calls.clear()
    name = stage.function("select")
    stage.client("lambda").update_function_code(FunctionName=name, ZipFile=b"another")
    told, _ = deployed()
    assert [line for line in told if name in line]
    assert deployed.zappa.calls == [("update", "dev_select")]


def test_memory_that_was_changed_by_hand_is_put_back(stage, deployed):
    deployed()
    name = stage.function("select")
    stage.client("lambda").update_function_configuration(FunctionName=name, MemorySize=128)
    told, _ = deployed()
    assert f"update function {name}: memory_size 128 to 512" in told
    found = stage.client("lambda").get_function_configuration(FunctionName=name)
    assert found["MemorySize"] == 512


def test_a_queue_that_the_settings_do_not_name_stops_the_deploy(stage, deployed):
    deployed()
    strange = queue(stage, f"arn:aws:sqs:{stage.region}:{stage.account}:strange")
    stage.client("lambda").create_event_source_mapping(
        FunctionName=stage.function("verify_worker"), EventSourceArn=strange
    )
    with pytest.raises(Refused, match=r"reads what its settings do not name: .*:strange"):
        deployed()


def test_a_function_without_its_api_is_said_to_be_half_made(stage, cloudformation):
    with pytest.raises(Refused, match="gelombang-dev-verify has no API"):
        api_id(stage, "verify")
    cloudformation.resources["gelombang-dev-verify", "ApiV2"] = "abcdef0123"
    assert api_id(stage, "verify") == "abcdef0123"


def test_a_package_that_is_kept_no_longer_is_named(stage, deployed):
    _, functions = deployed()
    gone = dict(functions.packages, select="0" * 64)
    with pytest.raises(Refused, match=f"packages/select/{'0' * 64}.zip is kept no longer"):
        Functions(stage, gone, KEY, deployed.zappa).apply(lambda line: None)
