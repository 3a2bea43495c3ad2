"""CloudWatch Logs: groups, streams and events of endpoints and jobs."""

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Final, TypeVar

from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import NotFound, ValidationFailed
from consoleapp.aws.paging import offset
from consoleapp.metrics import logs
from consoleapp.metrics.logs import Event, Stream
from consoleapp.metrics.patterns import pattern
from consoleapp.metrics.patterns.errors import BadPattern

T = TypeVar("T")
_MOST_EVENTS: Final = 10_000
_MOST_ITEMS: Final = 50
_DIRECTION_TOKEN: Final = re.compile(r"([fb])/(\d{1,56})")
_SEARCH_TOKEN: Final = re.compile(r"(\d{1,56})/(\d{1,56})")


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
    part = params.get("logGroupNamePattern", "")
    groups = [(name, created) for name, created in sorted(oldest.items()) if part in name]
    shown, token = _paged(groups, params)
    return {
        "logGroups": [
            {"logGroupName": name, "creationTime": created, "arn": _arn(actor, name)}
            for name, created in shown
        ],
        "nextToken": token,
    }


def describe_log_streams(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    group = _group(params)
    prefix = params.get("logStreamNamePrefix", "")
    found = [each for each in _streams(actor, group) if each.name.startswith(prefix)]
    if params.get("orderBy") == "LastEventTime":
        found.sort(key=lambda each: each.last_event_ms or 0)
    if params.get("descending"):
        found.reverse()
    shown, token = _paged(found, params)
    return {"logStreams": [_stream(actor, each) for each in shown], "nextToken": token}


def get_log_events(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    """The newest events, or from the head; a forward token gives what came since."""
    group, name = _group(params), params["logStreamName"]
    if name not in {each.name for each in _streams(actor, group)}:
        raise MissingStream("The specified log stream does not exist.")
    after, before = _place(params)
    where = (actor.account_id, actor.region, group, name)
    span: dict[str, Any] = {"start_ms": params.get("startTime"), "end_ms": params.get("endTime")}
    limit = params.get("limit", _MOST_EVENTS)
    if after is not None:
        events = logs.events(*where, **span, limit=limit, after_id=after)
    else:
        events = logs.newest(*where, **span, limit=limit, before_id=before)
    # Without events both lead on from where this page was; the same token again tells a reader
    # that there is nothing more on that side.
    here = after if after is not None else (before or 1) - 1
    last = max((event.id for event in events), default=here)
    first = min((event.id for event in events), default=here + 1)
    return {
        "events": [_event(event) for event in events],
        "nextForwardToken": f"f/{last:056d}",
        "nextBackwardToken": f"b/{first:056d}",
    }


def filter_log_events(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    limit = params.get("limit", _MOST_EVENTS)
    try:
        matches = pattern.compiled(params.get("filterPattern", ""))
        searched = _searched(actor, _group(params), params)
        found = list(islice((pair for pair in searched if matches(pair[1].message)), limit + 1))
    except BadPattern as problem:
        raise InvalidParameter(f"Invalid filter pattern: {problem}.") from None
    last = found[limit - 1][1] if len(found) > limit else None
    return {
        "events": [
            {**_event(event), "logStreamName": stream, "eventId": str(event.id)}
            for stream, event in found[:limit]
        ],
        "searchedLogStreams": [],
        "nextToken": f"{last.timestamp_ms}/{last.id}" if last else None,
    }


def _searched(actor: Actor, group: str, params: dict[str, Any]) -> Iterator[tuple[str, Event]]:
    wanted, prefix = set(params.get("logStreamNames", ())), params.get("logStreamNamePrefix", "")
    if wanted and prefix:
        raise InvalidParameter("Name logStreamNames or a logStreamNamePrefix, not both.")
    names = [each.name for each in _streams(actor, group)]
    end = params.get("endTime")
    return logs.search(
        actor.account_id,
        actor.region,
        group,
        [name for name in names if name.startswith(prefix) and (not wanted or name in wanted)],
        start_ms=params.get("startTime"),
        # An event of the end time itself is found, where GetLogEvents leaves it out.
        end_ms=None if end is None else end + 1,
        after=_numbers(_SEARCH_TOKEN, params["nextToken"]) if "nextToken" in params else (-1, 0),
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


def _place(params: dict[str, Any]) -> tuple[int | None, int | None]:
    """The id behind which to read on, or the one before which; neither for the newest."""
    token = params.get("nextToken")
    if not token:
        return (0 if params.get("startFromHead") else None), None
    found = _DIRECTION_TOKEN.fullmatch(token)
    if found is None:
        raise _no_token()
    number = int(found.group(2))
    return (number, None) if found.group(1) == "f" else (None, number)


def _numbers(pattern: re.Pattern[str], token: str) -> tuple[int, int]:
    found = pattern.fullmatch(token)
    if found is None:
        raise _no_token()
    return int(found.group(1)), int(found.group(2))


def _paged(found: Sequence[T], params: dict[str, Any]) -> tuple[Sequence[T], str | None]:
    start, size = offset(params.get("nextToken", "0")), params.get("limit", _MOST_ITEMS)
    if start is None:
        raise _no_token()
    end = start + size
    return found[start:end], str(end) if end < len(found) else None


def _no_token() -> InvalidParameter:
    return InvalidParameter("The specified nextToken is invalid.")


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
