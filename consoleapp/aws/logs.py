"""CloudWatch Logs: groups, streams and events of endpoints and jobs."""

import re
from collections.abc import Iterable
from typing import Any, Final

from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import NotFound, ValidationFailed
from consoleapp.metrics import logs
from consoleapp.metrics.logs import Event, Stream

_MOST_EVENTS: Final = 10_000


class MissingStream(NotFound):
    """No such group or stream. The SDK's right_size() polls until this error goes away."""

    code = "ResourceNotFoundException"


class InvalidParameter(ValidationFailed):
    code = "InvalidParameterException"


def describe_log_groups(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    found = logs.streams(actor.account_id, actor.region, params.get("logGroupNamePrefix", ""))
    oldest: dict[str, int] = {}
    for stream in found:
        oldest[stream.group] = min(stream.created_ms, oldest.get(stream.group, stream.created_ms))
    return {
        "logGroups": [
            {"logGroupName": group, "creationTime": created, "arn": _arn(actor, group)}
            for group, created in sorted(oldest.items())[: params.get("limit", 50)]
        ]
    }


def describe_log_streams(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    group = _group(params)
    prefix = params.get("logStreamNamePrefix", "")
    found = [each for each in _streams(actor, group) if each.name.startswith(prefix)]
    if params.get("orderBy") == "LastEventTime":
        found.sort(key=lambda each: each.last_event_ms or 0)
    if params.get("descending"):
        found.reverse()
    shown = found[: params.get("limit", 50)]
    return {"logStreams": [_stream(actor, each) for each in shown]}


def get_log_events(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    """Oldest first from the start; a forward token gives what came since."""
    group, name = _group(params), params["logStreamName"]
    if name not in {each.name for each in _streams(actor, group)}:
        raise MissingStream("The specified log stream does not exist.")
    after = _after(params.get("nextToken"))
    events = logs.events(
        actor.account_id,
        actor.region,
        group,
        name,
        start_ms=params.get("startTime"),
        end_ms=params.get("endTime"),
        limit=min(params.get("limit", _MOST_EVENTS), _MOST_EVENTS),
        after_id=after,
    )
    last = max((event.id for event in events), default=after or 0)
    first = min((event.id for event in events), default=after or 0)
    return {
        "events": [_event(event) for event in events],
        # The same token again tells a reader that there is nothing newer.
        "nextForwardToken": f"f/{last:056d}",
        "nextBackwardToken": f"b/{first:056d}",
    }


def filter_log_events(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    group = _group(params)
    wanted = set(params.get("logStreamNames", ()))
    prefix = params.get("logStreamNamePrefix", "")
    matches = _pattern(params.get("filterPattern", ""))
    found = [
        {**_event(event), "logStreamName": stream.name, "eventId": str(event.id)}
        for stream in _streams(actor, group)
        if (not wanted or stream.name in wanted) and stream.name.startswith(prefix)
        for event in _events_of(actor, stream, params)
        if matches(event.message)
    ]
    found.sort(key=lambda each: (each["timestamp"], int(each["eventId"])))
    return {"events": found[: params.get("limit", _MOST_EVENTS)], "searchedLogStreams": []}


def _events_of(actor: Actor, stream: Stream, params: dict[str, Any]) -> Iterable[Event]:
    return logs.events(
        actor.account_id,
        actor.region,
        stream.group,
        stream.name,
        start_ms=params.get("startTime"),
        end_ms=params.get("endTime"),
        limit=_MOST_EVENTS,
    )


def _streams(actor: Actor, group: str) -> list[Stream]:
    found = [s for s in logs.streams(actor.account_id, actor.region, group) if s.group == group]
    if not found:
        raise MissingStream("The specified log group does not exist.")
    return found


def _group(params: dict[str, Any]) -> str:
    named = params.get("logGroupName")
    if named:
        return str(named)
    identifier = str(params.get("logGroupIdentifier", ""))
    if not identifier:
        raise InvalidParameter("Name a logGroupName or a logGroupIdentifier.")
    return identifier.partition(":log-group:")[2].removesuffix(":*") or identifier


def _after(token: str | None) -> int | None:
    if not token:
        return None
    kind, _, number = token.partition("/")
    if kind not in {"f", "b"} or not number.isdecimal():
        raise InvalidParameter("The specified nextToken is invalid.")
    return int(number)


def _pattern(text: str) -> Any:
    """Terms that must all occur, `-term` that must not, "a phrase": CloudWatch's plain patterns."""
    if text.startswith(("{", "[")):
        raise InvalidParameter("This console matches terms and phrases, not field patterns.")
    terms = re.findall(r'-?"[^"]*"|\S+', text)
    wanted = [term.strip('"') for term in terms if not term.startswith("-")]
    banned = [t[1:].strip('"') for t in terms if t.startswith("-")]
    return lambda message: (
        all(term in message for term in wanted) and not any(term in message for term in banned)
    )


def _arn(actor: Actor, group: str) -> str:
    return f"arn:aws:logs:{actor.region}:{actor.account_id}:log-group:{group}:*"


def _stream(actor: Actor, stream: Stream) -> dict[str, Any]:
    group_arn = _arn(actor, stream.group).removesuffix(":*")
    return {
        "logStreamName": stream.name,
        "creationTime": stream.created_ms,
        "firstEventTimestamp": stream.first_event_ms,
        "lastEventTimestamp": stream.last_event_ms,
        "lastIngestionTime": stream.last_event_ms,
        "arn": f"{group_arn}:log-stream:{stream.name}",
    }


def _event(event: Event) -> dict[str, Any]:
    return {
        "timestamp": event.timestamp_ms,
        "message": event.message,
        "ingestionTime": event.timestamp_ms,
    }
