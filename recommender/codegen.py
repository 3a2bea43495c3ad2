"""The same job as code to copy: boto3, AWS CLI and REST, from one request in AWS's shape. Pure."""

import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

Request = Mapping[str, Any]

REST_PATH: Final = "/api/v1/recommender/jobs"


@dataclass(frozen=True, slots=True)
class Snippet:
    label: str
    code: str


def all_of(
    request: Request, *, region: str, options: Mapping[str, Any] | None = None
) -> list[Snippet]:
    """`options` are what AWS's request has no word for: only REST passes them on."""
    by_rest = {**request, "options": dict(options)} if options else request
    return [
        Snippet("AWS SDK for Python (Boto3)", boto3_code(request, region=region)),
        Snippet("AWS CLI", cli_code(request, region=region)),
        Snippet("REST", rest_code(by_rest)),
    ]


def boto3_code(request: Request, *, region: str) -> str:
    members = "".join(f"    {name}={_python(value, 1)},\n" for name, value in request.items())
    return (
        "import boto3\n\n"
        f'sagemaker = boto3.client("sagemaker", region_name={_python(region, 0)})\n'
        f"sagemaker.create_inference_recommendations_job(\n{members})\n"
    )


def cli_code(request: Request, *, region: str) -> str:
    options = [("region", region), *((_dashed(name), value) for name, value in request.items())]
    lines = [f"--{name} {_argument(value)}" for name, value in options]
    return " \\\n  ".join(["aws sagemaker create-inference-recommendations-job", *lines]) + "\n"


def rest_code(request: Request) -> str:
    body = shlex.quote(json.dumps(request, indent=2, ensure_ascii=False))
    return (
        f'curl -X POST "$CONSOLE_URL{REST_PATH}" \\\n'
        '  -H "Authorization: Token $CONSOLE_TOKEN" \\\n'
        "  -H 'Content-Type: application/json' \\\n"
        f"  -d {body}\n"
    )


def _python(value: Any, depth: int) -> str:
    pad, end = "    " * (depth + 1), "    " * depth
    if isinstance(value, Mapping) and value:
        inner = "".join(
            f"{pad}{_python(k, 0)}: {_python(v, depth + 1)},\n" for k, v in value.items()
        )
        return f"{{\n{inner}{end}}}"
    if isinstance(value, list) and any(isinstance(item, Mapping | list) for item in value):
        inner = "".join(f"{pad}{_python(item, depth + 1)},\n" for item in value)
        return f"[\n{inner}{end}]"
    if isinstance(value, list):
        return "[" + ", ".join(_python(item, depth) for item in value) + "]"
    # JSON's strings are Python's (unless it writes letters beyond U+FFFF as two escapes); its
    # numbers too. Only these three words differ.
    text = json.dumps(value, ensure_ascii=False)
    return {"true": "True", "false": "False", "null": "None"}.get(text, text)


def _dashed(member: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", member).lower()


def _argument(value: Any) -> str:
    return shlex.quote(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
