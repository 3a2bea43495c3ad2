"""The alarms about an endpoint, on its page and as guards of its shifts."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from consoleapp.accounts.actor import Actor
from consoleapp.metrics import alarms
from endpoints import shifts
from endpoints.hosts.fake import FakeRunner
from endpoints.shifting.guards import Guards
from tests.consoleapp.metrics.alarm_specs import make_alarm
from tests.endpoints.build import serve, settle
from tests.endpoints.shifting.build import shares, start, step_on

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "metrics"])


def expression_on(endpoint: str) -> dict[str, Any]:
    """The rate of errors of one variant: an alarm that has no dimensions of its own."""

    def of(query: str, name: str) -> dict[str, Any]:
        where = [{"Name": "EndpointName", "Value": endpoint}, {"Name": "VariantName", "Value": "v"}]
        metric = {"Namespace": "AWS/SageMaker", "MetricName": name, "Dimensions": where}
        stat = {"Metric": metric, "Period": 60, "Stat": "Sum"}
        return {"Id": query, "MetricStat": stat, "ReturnData": False}

    rate = {"Id": "rate", "Expression": "100 * bad / all", "Label": "Errors in percent"}
    queries = [of("bad", "Invocation5XXErrors"), of("all", "Invocations"), rate]
    empty = {"namespace": "", "metric_name": "", "dimensions": {}, "statistic": ""}
    return {"metrics": queries, **empty, "period_s": 60, "threshold": 5.0}


def section(client: Client) -> str:
    answer = client.get(reverse("endpoints:alarms", args=["e"]))
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_page_lists_those_on_its_metrics_alone_or_within_an_expression(
    alice_client: Client, actor: Actor, fake: FakeRunner
) -> None:
    serve(actor)
    make_alarm(actor, "plain", dimensions={"EndpointName": "e", "VariantName": "v"})
    make_alarm(actor, "ratio", **expression_on("e"))
    make_alarm(actor, "foreign", dimensions={"EndpointName": "other"})
    make_alarm(actor, "foreign-ratio", **expression_on("other"))
    page = alice_client.get(reverse("endpoints:detail", args=["e"])).content.decode()
    for text in (page, section(alice_client)):
        assert reverse("metrics:alarm", args=["plain"]) in text
        assert reverse("metrics:alarm", args=["ratio"]) in text
        assert "Errors in percent greater than 5 for 2 of 2 datapoints of 60 s" in text
        assert "foreign" not in text


def test_an_endpoint_without_any_says_so(
    alice_client: Client, actor: Actor, fake: FakeRunner
) -> None:
    serve(actor)
    assert "No alarm watches a metric of this endpoint." in section(alice_client)


def test_a_viewer_sees_them_and_a_stranger_does_not(
    bob_client: Client, charlie_client: Client, actor: Actor, fake: FakeRunner
) -> None:
    serve(actor)
    make_alarm(actor, "ratio", **expression_on("e"))
    assert "ratio" in section(bob_client)
    assert reverse("metrics:alarm-create") not in section(bob_client)
    assert charlie_client.get(reverse("endpoints:alarms", args=["e"])).status_code == 404


def test_one_on_an_expression_guards_a_shift(
    alice_client: Client, actor: Actor, fake: FakeRunner
) -> None:
    endpoint = serve(actor, variants=2)
    make_alarm(actor, "ratio", **expression_on("e"))
    form = alice_client.get(reverse("endpoints:shift-create", args=["e"])).content.decode()
    assert 'value="ratio"' in form
    made = start(actor, guards=Guards(alarms=("ratio",)))
    step_on(endpoint)
    alarms.set_alarm_state(actor, name="ratio", state="ALARM", reason="too many")
    settle(endpoint)
    assert shares(endpoint) == {"v1": 0.5, "v2": 0.5}
    found = shifts.found(actor, "e", made.number)
    assert found.reason == "Rolling back at step 1: Alarm ratio is in state ALARM."
