"""Packages: what is left out, what the checks find in a bad one. Real ones: `make package`."""

import json
import re
import subprocess
import zipfile

import pytest

from functions.upload.photo.models import CARRIERS, path_of
from infra import bundle, dependencies
from infra.inspection import ROOTS_LEFT_OUT, inspect
from infra.settings import FUNCTIONS, render

X86_64, ARM_64, I386 = 62, 183, 3


def library(machine=X86_64, bits=2):
    """The first bytes of an ELF file."""
    return b"\x7fELF" + bytes([bits]) + bytes(13) + machine.to_bytes(2, "little") + bytes(44)


def files_of(function):
    """The least that a sound package holds."""
    folder, _, kind = function.partition("_")
    files = {
        "handler.py": b"def lambda_handler(event, context): ...",
        "zappa_settings.py": b"DEBUG = False",
        "functions/__init__.py": b"",
        f"functions/{folder}/{kind or 'app'}.py": b"code",
        "cryptography/_rust.abi3.so": library(),
        "_cffi_backend.cpython-312-x86_64-linux-gnu.so": library(),
        "werkzeug-3.1.9.dist-info/METADATA": b"Name: werkzeug",
    }
    if function == "upload_worker":
        files |= dict.fromkeys(dependencies.model_files(), b"weights")
    return files


@pytest.fixture
def problems(tmp_path):
    """Make a package with further files, or without some (None), and tell what is wrong with it."""

    def found(function="upload", others=None, **limits):
        file = tmp_path / "package.zip"
        with zipfile.ZipFile(file, "w") as archive:
            for name, data in {**files_of(function), **(others or {})}.items():
                if data is not None:
                    archive.writestr(name, data)
        return inspect(file, function, "3.12", **limits).problems

    return found


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_sound_package_has_no_problem(problems, function):
    assert problems(function) == []


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("numpy.so", library(ARM_64), "wrong architecture: numpy.so is for machine 183"),
        ("x.libs/libx.so.3", library(I386), "wrong architecture: x.libs/libx.so.3"),
        ("x/data", library(X86_64, bits=1), "wrong architecture: x/data"),
        ("x.so", b"\xcf\xfa\xed\xfe" + bytes(40), "not an ELF file: x.so"),
        ("x.cpython-311-x86_64-linux-gnu.so", library(), "wrong Python: x.cpython-311"),
        ("boto3/session.py", b"x", "does not belong here: boto3/session.py"),
        ("tests/test_x.py", b"x", "does not belong here: tests/test_x.py"),
        ("local/web.py", b"x", "does not belong here: local/web.py"),
        ("site/index.html", b"x", "does not belong here: site/index.html"),
        ("numpy/__init__.py", b"x", "does not belong here: numpy/__init__.py"),
        ("functions/select/draw.py", b"x", "another function's code: functions/select/draw.py"),
        ("functions/__pycache__/a.cpython-312.pyc", b"x", "compiled for the Python"),
        ("flask-3.1.3.dist-info/RECORD", b"x", "a list of files as they were installed"),
        ("cert/server.key", b"x", "looks like a secret: cert/server.key"),
        (".env.production", b"x", "looks like a secret: .env.production"),
        (
            "functions/upload/key.py",
            b"-----BEGIN EC PRIVATE" + b" KEY-----",
            "contains what looks like a secret: functions/upload/key.py",
        ),
        ("zappa_settings.py", b"KEY = 'AKIA" + b"A" * 16, "contains what looks like a secret"),
        ("handler.py", None, "missing: handler.py"),
        ("functions/upload/app.py", None, "missing: functions/upload/app.py"),
    ],
)
def test_what_must_not_be_in_a_package_is_found(problems, name, data, says):
    (problem,) = problems(others={name: data})
    assert problem.startswith(says)


def test_numpy_belongs_to_the_draw_and_networks_do_not(problems):
    assert problems("select_worker", {"numpy/__init__.py": b"x"}) == []
    (problem,) = problems("select_worker", {"onnxruntime/__init__.py": b"x"})
    assert problem == "does not belong here: onnxruntime/__init__.py"


def test_a_package_that_is_too_large_is_found(problems):
    (problem,) = problems(others={"x/blob": bytes(2_000_000)}, most_bytes=2_000_000)
    assert problem.startswith("too large: 2,00")


def test_a_package_just_within_the_limit_is_sound(problems):
    size = sum(map(len, files_of("upload").values()))
    assert problems(most_bytes=size) == []


@pytest.mark.parametrize("model", dependencies.model_files())
def test_a_model_that_is_missing_or_empty_is_found(problems, model):
    assert problems("upload_worker", {model: None}) == [f"missing: {model}"]
    assert problems("upload_worker", {model: b""}) == [f"missing: {model}"]


def test_of_a_models_wheel_nothing_but_the_model_may_travel(problems):
    carrier = dependencies.model_files()[0].split("/")[0]
    others = {f"{carrier}/__init__.py": b"", f"{carrier}/main.py": b"import cv2"}
    (problem,) = problems("upload_worker", others)
    assert problem == f"more than a model out of a model's wheel: {carrier}/main.py"


def test_the_report_weighs_the_package_by_its_folders(tmp_path):
    file = tmp_path / "package.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a/one", bytes(300))
        archive.writestr("a/b/two", bytes(500))
        archive.writestr("three", bytes(900))
    report = inspect(file, "upload", "3.12")
    assert report.folders == {"three": 900, "a": 800}
    assert (report.unzipped, report.zipped) == (1700, file.stat().st_size)
    assert json.loads(json.dumps(report.as_json()))["unzipped"] == 1700


PINNED = """\
boto3==1.0 \\
    --hash=sha256:aa
flask==3.0 \\
    --hash=sha256:bb \\
    --hash=sha256:cc
numpy==2.4 ; python_full_version < '3.12' \\
    --hash=sha256:dd
numpy==2.5 ; python_full_version >= '3.12' \\
    --hash=sha256:ee
troposphere==4.0 \\
    --hash=sha256:ff
"""


def test_lambdas_own_packages_and_those_of_zappas_commands_are_left_out_with_their_hashes():
    text = dependencies.shipped(PINNED)
    assert re.findall(r"^(\w+)==", text, re.M) == ["flask", "numpy", "numpy"]
    assert re.findall(r"sha256:(\w+)", text) == ["bb", "cc", "dd", "ee"]


def test_packages_can_be_picked_by_name():
    text = dependencies.only(PINNED, frozenset({"boto3"}))
    assert text == "boto3==1.0 \\\n    --hash=sha256:aa\n"


@pytest.mark.parametrize("function", FUNCTIONS)
def test_what_zappas_handler_imports_is_shipped_to_every_function(function):
    file = dependencies.REQUIREMENTS / f"{function.replace('_', '-')}.txt"
    names = set(re.findall(r"^([\w.-]+)==", dependencies.shipped(file.read_text()), re.M))
    assert {"zappa", "werkzeug", "markupsafe", "durationpy", "cryptography"} <= names
    assert not names & {"boto3", "botocore", "pip", "setuptools"}
    assert ("numpy" in names) == (function in ("upload_worker", "select_worker"))
    assert ("onnxruntime" in names) == (function == "upload_worker")


def test_every_model_of_a_wheel_lies_where_the_photo_checks_look_for_it():
    for model, place in zip(sorted(CARRIERS), dependencies.model_files(), strict=True):
        assert path_of(model).as_posix().endswith(f"/site-packages/{place}")


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_settings_keep_at_home_what_the_checks_refuse(function):
    settings = render(f"dev_{function}", "", "")
    kept = {name.removesuffix(".py") for name in ROOTS_LEFT_OUT} - {"six", "pyproject.toml"}
    assert kept <= set(settings["exclude"])
    assert {"RECORD", "__pycache__", "*.pyc", ".*", "*.toml"} <= set(settings["exclude"])
    own = function.split("_")[0]
    foreign = {f"functions/{other}" for other in ("upload", "verify", "select") if other != own}
    assert foreign <= set(settings["exclude_glob"])
    # Zappa would look for wheels of its own, without hashes.
    assert settings["use_precompiled_packages"] is False


def test_packages_are_for_the_python_of_the_settings():
    assert bundle.lambda_python("dev_upload_worker") == "3.12"


def test_only_tracked_files_are_exported_and_as_they_are_now(tmp_path, monkeypatch):
    project, copy = tmp_path / "project", tmp_path / "copy"
    project.mkdir()
    subprocess.run(["git", "init", "-q"], cwd=project, check=True)
    for name in ("kept.py", "deleted.py"):
        (project / name).write_text("before")
    subprocess.run(["git", "add", "."], cwd=project, check=True)
    (project / "kept.py").write_text("now")
    (project / "deleted.py").unlink()
    (project / "stray.py").write_text("not ours")
    monkeypatch.setattr(bundle, "ROOT", project)
    bundle.export(copy)
    assert {p.name: p.read_text() for p in copy.iterdir()} == {"kept.py": "now"}
