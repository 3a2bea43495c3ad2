"""The code to copy says what the request says: it is run, not read."""

import ast
import json
import subprocess
from typing import Any

import pytest

from recommender import codegen

REQUEST: dict[str, Any] = {
    "JobName": "it's-a-job",
    "JobType": "Advanced",
    "RoleArn": "arn:aws:iam::123456789012:role/r",
    "InputConfig": {
        "ModelName": "plain",
        "ContainerConfig": {"DataInputConfig": "{'input':[1,3]}", "Framework": "XGBOOST"},
        "TrafficPattern": {
            "TrafficType": "PHASES",
            "Phases": [{"InitialNumberOfUsers": 1, "SpawnRate": 60, "DurationInSeconds": 120}],
        },
        "EndpointConfigurations": [{"InstanceType": "ml.c5.large"}],
    },
    "StoppingConditions": {"FlatInvocations": "Stop"},
}


def in_a_shell(code: str) -> list[str]:
    """The words a real shell would run, without running them."""
    shown = subprocess.run(
        ["/bin/sh", "-c", f"set -- {code}\nprintf '%s\\0' \"$@\""],
        env={"CONSOLE_URL": "http://127.0.0.1:8000", "CONSOLE_TOKEN": "secret"},
        capture_output=True,
        text=True,
        check=True,
    )
    return shown.stdout.split("\0")[:-1]


def test_the_boto3_code_calls_with_the_very_request() -> None:
    tree = ast.parse(codegen.boto3_code(REQUEST, region="us-east-1"))
    call = tree.body[-1]
    assert isinstance(call, ast.Expr)
    assert isinstance(call.value, ast.Call)
    sent = {word.arg: ast.literal_eval(word.value) for word in call.value.keywords}
    assert sent == REQUEST


def test_the_cli_code_gives_each_member_its_option() -> None:
    words = in_a_shell(codegen.cli_code(REQUEST, region="eu-west-1"))
    assert words[:3] == ["aws", "sagemaker", "create-inference-recommendations-job"]
    options = dict(zip(words[3::2], words[4::2], strict=True))
    assert options["--region"] == "eu-west-1"
    assert options["--job-name"] == "it's-a-job"
    assert json.loads(options["--input-config"]) == REQUEST["InputConfig"]
    assert json.loads(options["--stopping-conditions"]) == REQUEST["StoppingConditions"]


def test_the_rest_code_posts_the_request_as_json() -> None:
    words = in_a_shell(codegen.rest_code(REQUEST))
    assert words[:3] == ["curl", "-X", "POST"]
    assert json.loads(words[words.index("-d") + 1]) == REQUEST
    assert "Authorization: Token secret" in words


def test_what_only_rest_has_a_word_for_goes_there() -> None:
    """Else the copied request would measure with another round trip."""
    rest = codegen.all_of(REQUEST, region="us-east-1", options={"round_trip_ms": 0})[2]
    words = in_a_shell(rest.code)
    sent = json.loads(words[words.index("-d") + 1])
    assert sent == {**REQUEST, "options": {"round_trip_ms": 0}}


@pytest.mark.parametrize("value", [True, False, None, 1.5, "x", [], {}, [1, 2], [{"a": [True]}]])
def test_values_are_written_as_python_writes_them(value: object) -> None:
    assert ast.literal_eval(codegen._python(value, 0)) == value


def test_all_three_doors_are_offered() -> None:
    labels = [snippet.label for snippet in codegen.all_of(REQUEST, region="us-east-1")]
    assert labels == ["AWS SDK for Python (Boto3)", "AWS CLI", "REST"]


def test_letters_of_every_script_arrive_as_they_were_typed() -> None:
    wanted = {**REQUEST, "JobDescription": "Prüfung \u2014 \u6d4b\u8bd5 \U0001f680"}
    tree = ast.parse(codegen.boto3_code(wanted, region="us-east-1"))
    texts = {n.value for n in ast.walk(tree) if isinstance(n, ast.Constant)}
    assert wanted["JobDescription"] in texts
    words = in_a_shell(codegen.cli_code(wanted, region="us-east-1"))
    assert words[words.index("--job-description") + 1] == wanted["JobDescription"]
    posted = in_a_shell(codegen.rest_code(wanted))[-1]
    assert wanted["JobDescription"] in posted
    assert json.loads(posted) == wanted
