"""Which code and status a caller's mistake gets on the wire."""

import pytest
from botocore.model import OperationModel

from consoleapp.accounts.errors import CallerError, Forbidden, InUse, NotFound, ValidationFailed
from consoleapp.accounts.iam_policies import NoSuchEntity
from consoleapp.aws import services
from consoleapp.aws.faults import (
    INTERNAL,
    Fault,
    NotImplementedHere,
    SerializationFailed,
    Throttled,
    UnknownOperation,
)
from endpoints.errors import ResourceMissing


def operation(service: str, name: str) -> OperationModel:
    found = services.operation(service, name)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (NotFound("x"), "ResourceNotFound"),
        (ResourceMissing("x"), "ValidationException"),
        (InUse("x"), "ResourceInUse"),
        (ValidationFailed("x"), "ValidationException"),
        (SerializationFailed("x"), "SerializationException"),
        (UnknownOperation("x"), "UnknownOperationException"),
        (Throttled("x"), "ThrottlingException"),
    ],
)
def test_json_services_say_400_whatever_rest_would_say(error: CallerError, code: str) -> None:
    fault = Fault.of(error, operation("sagemaker", "DescribeEndpoint"))
    assert (fault.code, fault.status, fault.message) == (code, 400, "x")


def test_what_the_caller_may_not_do_stays_403() -> None:
    assert Fault.of(Forbidden("x"), operation("sagemaker", "DeleteEndpoint")).status == 403


def test_what_is_not_here_stays_501() -> None:
    fault = Fault.of(NotImplementedHere("x"), operation("sagemaker", "CreateTrainingJob"))
    assert (fault.code, fault.status) == ("NotImplemented", 501)


def test_the_operation_s_model_has_the_last_word_on_the_status() -> None:
    fault = Fault.of(NoSuchEntity("x"), operation("iam", "GetRole"))
    assert (fault.code, fault.status) == ("NoSuchEntity", 404)


def test_without_an_operation_the_error_s_own_status_is_told() -> None:
    assert Fault.of(NotFound("x")).status == 400


def test_a_failure_of_ours_tells_nothing_of_the_inside() -> None:
    assert (INTERNAL.code, INTERNAL.status) == ("InternalFailure", 500)
    assert "request id" in INTERNAL.message
