"""CloudWatch Logs' reads: which events, in what order, and page by page without loss."""

import json
from typing import Any

import pytest

from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import CallerError
from consoleapp.aws import logs as wire
from consoleapp.metrics import logs

pytestmark = pytest.mark.django_db(databases=["default", "metrics"])

GROUP = "/aws/sagemaker/Endpoints/e"


def put(actor: Actor, stream: str, *times_ms: int, group: str = GROUP) -> None:
    for at in times_ms:
        message = f"{stream} {at}"
        logs.append(actor.account_id, actor.region, group, stream, message, timestamp_ms=at)


def read(actor: Actor, **params: Any) -> dict[str, Any]:
    return wire.get_log_events(actor, {"logGroupName": GROUP, "logStreamName": "a", **params})


def messages(answer: dict[str, Any]) -> list[str]:
    return [each["message"] for each in answer["events"]]


def times(answer: dict[str, Any]) -> list[int]:
    return [each["timestamp"] for each in answer["events"]]


def test_the_newest_events_are_read_unless_the_head_is_asked_for(actor: Actor) -> None:
    put(actor, "a", 1, 2, 3, 4, 5)
    assert times(read(actor, limit=2)) == [4, 5]
    assert times(read(actor, limit=2, startFromHead=True)) == [1, 2]
    assert times(read(actor)) == [1, 2, 3, 4, 5]
    assert times(read(actor, startTime=2, endTime=4)) == [2, 3]


def test_a_forward_token_reads_on_and_is_the_same_when_there_is_nothing_newer(actor: Actor) -> None:
    put(actor, "a", 1, 2, 3)
    first = read(actor, limit=2, startFromHead=True)
    rest = read(actor, limit=2, nextToken=first["nextForwardToken"])
    assert times(rest) == [3]
    end = read(actor, nextToken=rest["nextForwardToken"])
    assert times(end) == []
    assert end["nextForwardToken"] == rest["nextForwardToken"]
    put(actor, "a", 4)
    assert times(read(actor, nextToken=end["nextForwardToken"])) == [4]


def test_a_late_event_with_an_early_time_is_not_passed_over(actor: Actor) -> None:
    put(actor, "a", 10, 20, 30, 5)
    seen, token = [], None
    while True:
        answer = read(actor, limit=2, startFromHead=True, **({"nextToken": token} if token else {}))
        if not answer["events"]:
            break
        seen += times(answer)
        token = answer["nextForwardToken"]
    assert sorted(seen) == [5, 10, 20, 30]


def test_a_backward_token_reads_what_came_before(actor: Actor) -> None:
    put(actor, "a", 1, 2, 3, 4, 5)
    last = read(actor, limit=2)
    before = read(actor, limit=2, nextToken=last["nextBackwardToken"])
    assert times(before) == [2, 3]
    assert times(read(actor, limit=2, nextToken=before["nextBackwardToken"])) == [1]
    assert times(read(actor, nextToken=before["nextForwardToken"])) == [4, 5]


def test_an_empty_end_leads_back_to_where_it_was_reached(actor: Actor) -> None:
    put(actor, "a", 1, 2)
    head = read(actor, startFromHead=True)
    nothing = read(actor, nextToken=head["nextBackwardToken"])
    assert times(nothing) == []
    assert nothing["nextBackwardToken"] == head["nextBackwardToken"]


@pytest.mark.parametrize("token", ["forged", "f/x", "g/1", "f/-1"])
def test_a_forged_token_is_refused(actor: Actor, token: str) -> None:
    put(actor, "a", 1)
    with pytest.raises(CallerError) as caught:
        read(actor, nextToken=token)
    assert caught.value.code == "InvalidParameterException"


def test_numbers_beyond_any_event_find_nothing(actor: Actor) -> None:
    put(actor, "a", 1)
    assert times(read(actor, nextToken=f"f/{10**56 - 1}")) == []
    assert times(read(actor, startTime=2**63 - 1, endTime=2**63 - 1)) == []
    far = {"startTime": 2**63 - 2, "endTime": 2**63 - 1, "nextToken": f"{2**70}/{2**70}"}
    assert messages(search(actor, **far)) == []


def test_a_missing_stream_or_a_stranger_s_is_not_found(actor: Actor, charlie: Actor) -> None:
    put(actor, "a", 1)
    for who, stream in ((actor, "b"), (charlie, "a")):
        with pytest.raises(CallerError) as caught:
            read(who, logStreamName=stream)
        assert caught.value.code == "ResourceNotFoundException"


def search(actor: Actor, **params: Any) -> dict[str, Any]:
    return wire.filter_log_events(actor, {"logGroupName": GROUP, **params})


def every(actor: Actor, **params: Any) -> list[str]:
    """All pages of a search."""
    found, token = [], None
    while True:
        answer = search(actor, **params, **({"nextToken": token} if token else {}))
        found += messages(answer)
        token = answer.get("nextToken")
        if token is None:
            return found


def test_a_search_goes_through_all_streams_in_order_of_time(actor: Actor) -> None:
    put(actor, "a", 1, 4)
    put(actor, "b", 2, 3)
    assert messages(search(actor)) == ["a 1", "b 2", "b 3", "a 4"]
    assert messages(search(actor, logStreamNamePrefix="b")) == ["b 2", "b 3"]
    assert messages(search(actor, logStreamNames=["a"])) == ["a 1", "a 4"]
    assert {each["logStreamName"] for each in search(actor)["events"]} == {"a", "b"}


def test_a_search_ends_with_the_end_time_itself(actor: Actor) -> None:
    put(actor, "a", 1, 2, 3)
    assert messages(search(actor, startTime=2, endTime=3)) == ["a 2", "a 3"]


@pytest.mark.parametrize("size", [1, 2, 3, 10])
def test_a_search_comes_in_pages_without_loss_or_repetition(actor: Actor, size: int) -> None:
    put(actor, "a", 1, 2, 2, 5)
    put(actor, "b", 2, 3, 5)
    whole = messages(search(actor))
    assert len(whole) == 7
    assert every(actor, limit=size) == whole
    assert search(actor)["nextToken"] is None


def test_a_pattern_counts_matches_and_not_what_it_passes_over(actor: Actor) -> None:
    put(actor, "noise", *range(50))
    put(actor, "match", 60, 61, 62)
    assert every(actor, filterPattern="match", limit=2) == ["match 60", "match 61", "match 62"]
    assert every(actor, filterPattern="-noise", limit=2) == ["match 60", "match 61", "match 62"]
    assert every(actor, filterPattern='"match 61"') == ["match 61"]


def test_a_pattern_looks_into_the_fields_of_a_message(actor: Actor) -> None:
    for number, level in enumerate(("info", "error", "error")):
        line = json.dumps({"level": level, "status": 200 + 150 * number})
        logs.append(actor.account_id, actor.region, GROUP, "a", line, timestamp_ms=number)
    (found,) = messages(search(actor, filterPattern='{ $.level = "error" && $.status >= 500 }'))
    assert json.loads(found)["status"] == 500
    assert len(messages(search(actor, filterPattern="?info ?500"))) == 2


@pytest.mark.parametrize(
    "params",
    [
        {"nextToken": "forged"},
        {"nextToken": f"{'9' * 5_000}/1"},
        {"logStreamNames": ["a"], "logStreamNamePrefix": "a"},
        {"filterPattern": "{ $.level = }"},
    ],
)
def test_a_search_that_makes_no_sense_is_refused(actor: Actor, params: dict[str, Any]) -> None:
    put(actor, "a", 1)
    with pytest.raises(CallerError) as caught:
        search(actor, **params)
    assert caught.value.code == "InvalidParameterException"


def pages_of(actor: Actor, operation: Any, member: str, **params: Any) -> list[list[str]]:
    name = {"logGroups": "logGroupName", "logStreams": "logStreamName"}[member]
    found, token = [], None
    while True:
        answer = operation(actor, {**params, **({"nextToken": token} if token else {})})
        found.append([each[name] for each in answer[member]])
        token = answer.get("nextToken")
        if token is None:
            return found


def test_groups_come_in_pages_and_are_found_by_a_part_of_their_name(actor: Actor) -> None:
    names = [f"/aws/sagemaker/Endpoints/e{n:02}" for n in range(7)]
    for name in names:
        put(actor, "a", 1, group=name)
    put(actor, "a", 1, group="/other/e06")
    found = pages_of(
        actor, wire.describe_log_groups, "logGroups", logGroupNamePrefix="/aws/", limit=3
    )
    assert found == [names[:3], names[3:6], names[6:]]
    (part,) = pages_of(actor, wire.describe_log_groups, "logGroups", logGroupNamePattern="e06")
    assert part == [names[6], "/other/e06"]


def test_streams_come_in_pages_by_name_or_by_their_last_event(actor: Actor) -> None:
    for name, at in (("a", 3), ("b", 1), ("c", 2)):
        put(actor, name, at)

    def listed(**params: Any) -> list[list[str]]:
        return pages_of(
            actor, wire.describe_log_streams, "logStreams", logGroupName=GROUP, limit=2, **params
        )

    assert listed() == [["a", "b"], ["c"]]
    assert listed(descending=True) == [["c", "b"], ["a"]]
    assert listed(orderBy="LastEventTime", descending=True) == [["a", "c"], ["b"]]


def test_a_group_is_found_by_its_arn_too(actor: Actor) -> None:
    put(actor, "a", 1)
    (group,) = wire.describe_log_groups(actor, {})["logGroups"]
    found = wire.filter_log_events(actor, {"logGroupIdentifier": group["arn"]})
    assert messages(found) == ["a 1"]
