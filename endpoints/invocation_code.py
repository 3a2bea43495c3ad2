"""The same invocation as code to copy: boto3, AWS CLI and curl. Pure."""

import shlex
from dataclasses import dataclass
from typing import Final

#: Longer ones are read from a file: a page of code should show the call.
_LONGEST_INLINE: Final = 600


@dataclass(frozen=True, slots=True)
class Snippet:
    slug: str
    label: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """`body` as text, or the name of the file that holds it."""

    address: str
    region: str
    endpoint: str
    body: str = ""
    filename: str = ""
    content_type: str = ""
    accept: str = ""
    target_variant: str = ""

    @property
    def file(self) -> str:
        too_long = "body.txt" if len(self.body) > _LONGEST_INLINE else ""
        return self.filename or too_long

    @property
    def members(self) -> list[tuple[str, str]]:
        found = [
            ("ContentType", self.content_type),
            ("Accept", self.accept),
            ("TargetVariant", self.target_variant),
        ]
        return [(member, value) for member, value in found if value]


def all_of(call: Call) -> list[Snippet]:
    return [
        Snippet("boto3", "AWS SDK for Python (Boto3)", boto3_code(call)),
        Snippet("cli", "AWS CLI", cli_code(call)),
        Snippet("curl", "curl", curl_code(call)),
    ]


def boto3_code(call: Call) -> str:
    body = f'open({call.file!r}, "rb")' if call.file else repr(call.body)
    members = [("EndpointName", call.endpoint), *call.members]
    lines = "".join(f"    {member}={value!r},\n" for member, value in members)
    return (
        "import boto3\n\n"
        "runtime = boto3.client(\n"
        '    "sagemaker-runtime",\n'
        f"    endpoint_url={call.address!r},\n"
        f"    region_name={call.region!r},\n"
        ")\n"
        f"answer = runtime.invoke_endpoint(\n{lines}    Body={body},\n)\n"
        'print(answer["InvokedProductionVariant"])\n'
        'print(answer["Body"].read().decode())\n'
    )


def cli_code(call: Call) -> str:
    options = [
        ("endpoint-url", call.address),
        ("region", call.region),
        ("endpoint-name", call.endpoint),
        *((_OPTIONS[member], value) for member, value in call.members),
    ]
    # A file's bytes are sent as they are; of a typed body, the second CLI would read base64.
    body = call.file or "/dev/stdin"
    piped = "" if call.file else f"printf %s {shlex.quote(call.body)} | "
    lines = [f"--{name} {shlex.quote(value)}" for name, value in options]
    lines += [f"--body {shlex.quote(f'fileb://{body}')}", "answer.txt && cat answer.txt"]
    return piped + " \\\n  ".join(["aws sagemaker-runtime invoke-endpoint", *lines]) + "\n"


def curl_code(call: Call) -> str:
    headers = [(_HEADERS[member], value) for member, value in call.members]
    body = f"@{call.file}" if call.file else call.body
    lines = [
        f"--aws-sigv4 {shlex.quote(f'aws:amz:{call.region}:sagemaker')}",
        '--user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY"',
        *(f"-H {shlex.quote(f'{name}: {value}')}" for name, value in headers),
        # Text with a leading @ would be taken for a file's name.
        f"--data-{'binary' if call.file else 'raw'} {shlex.quote(body)}",
        shlex.quote(f"{call.address}/endpoints/{call.endpoint}/invocations"),
    ]
    return " \\\n  ".join(["curl -i", *lines]) + "\n"


_OPTIONS: Final = {
    "ContentType": "content-type",
    "Accept": "accept",
    "TargetVariant": "target-variant",
}
_HEADERS: Final = {
    "ContentType": "Content-Type",
    "Accept": "Accept",
    "TargetVariant": "X-Amzn-SageMaker-Target-Variant",
}
