"""Whatever the service model forbids is refused with a 4xx in AWS's form, and changes no row."""

import hashlib
import json
import time
import xml.etree.ElementTree as ET
from typing import Any
from urllib.parse import urlencode

import pytest
from botocore.serialize import create_serializer
from django.apps import apps
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consoleapp.accounts import keys
from consoleapp.accounts.actor import Actor
from consoleapp.aws import dispatch, services, sigv4
from consoleapp.aws.canonical import Request
from consoleapp.aws.dispatch import Answer
from tests.consoleapp.aws.faults_of import extreme, forbidden

TARGETS = {service: target for target, service in services.BY_TARGET.items()}
SIGNED_AS = {"cloudwatch": "monitoring"}
EVERY = sorted(
    (service, name) for service, table in dispatch.operations().items() for name in table
)
#: These have no input, or none in which the model forbids anything.
FREE = {"GetCallerIdentity"}

Key = tuple[str, str]


@pytest.fixture
def key(actor: Actor) -> Key:
    assert actor.user is not None
    made, secret = keys.create(actor, actor.user)
    return made.key_id, secret


def call(key: Key, service: str, headers: dict[str, str], body: bytes) -> Answer:
    now = time.time()
    told = {
        **{name.lower().encode(): value.encode() for name, value in headers.items()},
        b"host": b"localhost",
        b"x-amz-date": sigv4.stamp(now),
    }
    told[b"x-amz-content-sha256"] = hashlib.sha256(body).hexdigest().encode()
    request = Request(b"POST", b"/", b"", told)
    told[b"authorization"] = sigv4.sign(
        request,
        key_id=key[0],
        secret=key[1],
        region="us-east-1",
        service=SIGNED_AS.get(service, service),
        now=now,
    )
    return dispatch.respond(Request(b"POST", b"/", b"", told), body)


def ask(key: Key, service: str, name: str, params: Any) -> Answer:
    if service in TARGETS:
        headers = {
            "X-Amz-Target": f"{TARGETS[service]}.{name}",
            "Content-Type": "application/x-amz-json-1.1",
        }
        return call(key, service, headers, json.dumps(params).encode())
    model = services.model(service).operation_model(name)
    serializer = create_serializer("query", include_validation=False)
    form = serializer.serialize_to_request(params, model)["body"]
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return call(key, service, headers, urlencode(form).encode())


def rows() -> dict[str, int]:
    return {model._meta.label: model._default_manager.count() for model in apps.get_models()}


def refusal(service: str, answer: Answer) -> tuple[str, str]:
    """The code and the message, read as the protocol has them."""
    if service in TARGETS:
        told = json.loads(answer.body)
        return told["__type"], told["message"]
    error = ET.fromstring(answer.body).find("Error")
    assert error is not None
    return error.findtext("Code") or "", error.findtext("Message") or ""


@pytest.mark.django_db(databases=["default", "metrics"])
@pytest.mark.parametrize(("service", "name"), EVERY, ids=[name for _, name in EVERY])
def test_what_the_model_forbids_is_refused_and_changes_nothing(
    key: Key, service: str, name: str
) -> None:
    shape = services.model(service).operation_model(name).input_shape
    faults = forbidden(shape, typed=service in TARGETS) if shape else []
    if not faults:
        assert name in FREE or service in {"sns"}, f"nothing to try on {name}"
        return
    before = rows()

    @settings(
        max_examples=25,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    @given(fault=st.sampled_from(faults))
    def refused(fault: Any) -> None:
        answer = ask(key, service, name, fault.params)
        assert 400 <= answer.status < 500, (fault.what, fault.path, fault.params, answer.body)
        code, message = refusal(service, answer)
        assert code
        assert message

    refused()
    assert rows() == before


@pytest.mark.django_db(databases=["default", "metrics"])
@pytest.mark.parametrize(
    ("service", "name"),
    [each for each in EVERY if each[0] in TARGETS],
    ids=[name for service, name in EVERY if service in TARGETS],
)
def test_what_no_database_or_clock_can_take_breaks_nothing(
    key: Key, service: str, name: str
) -> None:
    cases = extreme(services.model(service).operation_model(name).input_shape)

    @settings(
        max_examples=25,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    @given(case=st.sampled_from(cases))
    def answered(case: Any) -> None:
        answer = ask(key, service, name, case.params)
        assert answer.status < 500, (case.path, case.params, answer.body)

    answered()


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)


@pytest.mark.django_db(databases=["default", "metrics"])
@settings(
    max_examples=60,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(name=st.sampled_from(["CreateModel", "CreateEndpointConfig", "ListModels"]), body=_JSON)
def test_any_json_at_all_is_answered_without_an_internal_failure(
    key: Key, name: str, body: Any
) -> None:
    assert ask(key, "sagemaker", name, body).status < 500


@pytest.mark.django_db(databases=["default", "metrics"])
@settings(
    max_examples=60,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(body=st.binary(max_size=60))
def test_any_bytes_at_all_are_refused(key: Key, body: bytes) -> None:
    headers = {
        "X-Amz-Target": "SageMaker.CreateModel",
        "Content-Type": "application/x-amz-json-1.1",
    }
    assert 400 <= call(key, "sagemaker", headers, body).status < 500


@pytest.mark.django_db(databases=["default", "metrics"])
def test_every_list_and_describe_answers_its_required_members(key: Key) -> None:
    """Of an empty account; what holds rows is checked on every answer that boto3 gets."""
    for service, name in EVERY:
        if not name.startswith("List") or service not in TARGETS:
            continue
        shape = services.model(service).operation_model(name)
        if shape.input_shape and shape.input_shape.required_members:
            continue
        answer = ask(key, service, name, {})
        assert answer.status == 200, (name, answer.body)
        told = json.loads(answer.body)
        assert set(shape.output_shape.required_members) <= set(told), name
