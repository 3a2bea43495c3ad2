"""Code to copy means what it says: it is read back here by the languages it is in."""

import ast
import shlex

import pytest

from endpoints.invocation_code import Call, all_of, boto3_code, cli_code, curl_code

CALL = Call(
    address="http://localhost:8000",
    region="us-east-1",
    endpoint="churn",
    body='it\'s,"1",2\n3,4',
    content_type="text/csv",
    target_variant="Variant2",
)


def words(code: str) -> list[str]:
    return shlex.split(code)


def after(code: str, option: str) -> list[str]:
    found = words(code)
    return [value for name, value in zip(found, found[1:], strict=False) if name == option]


def test_boto3_code_makes_the_call_with_every_member() -> None:
    tree = ast.parse(boto3_code(CALL))
    (call,) = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "invoke_endpoint"
    ]
    members = {word.arg: ast.literal_eval(word.value) for word in call.keywords}
    assert members == {
        "EndpointName": "churn",
        "ContentType": "text/csv",
        "TargetVariant": "Variant2",
        "Body": CALL.body,
    }
    assert "endpoint_url='http://localhost:8000'" in boto3_code(CALL)


def test_the_cli_gets_the_body_as_it_is_typed() -> None:
    code = cli_code(CALL)
    assert words(code)[:7] == [
        *("printf", "%s", CALL.body, "|"),
        *("aws", "sagemaker-runtime", "invoke-endpoint"),
    ]
    assert after(code, "--body") == ["fileb:///dev/stdin"]
    assert after(code, "--target-variant") == ["Variant2"]


def test_curl_signs_and_names_the_variant() -> None:
    code = curl_code(CALL)
    assert after(code, "--aws-sigv4") == ["aws:amz:us-east-1:sagemaker"]
    assert after(code, "-H") == [
        "Content-Type: text/csv",
        "X-Amzn-SageMaker-Target-Variant: Variant2",
    ]
    assert after(code, "--data-raw") == [CALL.body]
    assert words(code)[-1] == "http://localhost:8000/endpoints/churn/invocations"


@pytest.mark.parametrize("changes", [{"filename": "my rows.csv"}, {"body": "1" * 700}])
def test_a_file_and_a_long_body_are_read_from_a_file(changes: dict[str, str]) -> None:
    members = {"address": "http://h", "region": "r", "endpoint": "e", "body": "1", **changes}
    call = Call(**members)
    name = changes.get("filename", "body.txt")
    assert f'open({name!r}, "rb")' in boto3_code(call)
    assert after(cli_code(call), "--body") == [f"fileb://{name}"]
    assert after(curl_code(call), "--data-binary") == [f"@{name}"]
    assert "printf" not in cli_code(call)


def test_what_is_empty_is_left_out() -> None:
    call = Call(address="http://h", region="r", endpoint="e", body="1")
    for snippet in all_of(call):
        assert "ariant:" not in snippet.code
        assert "target-variant" not in snippet.code
        assert "Accept" not in snippet.code
