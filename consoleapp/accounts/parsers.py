"""Reads the JSON bodies of REST. Named in settings, so every REST operation has it."""

from collections.abc import Mapping
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from consoleapp.accounts import storable


class StorableJSONParser(JSONParser):
    """Refuses what would break whoever stores it, or shows it later."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        try:
            body = super().parse(stream, media_type, parser_context)
        except RecursionError:
            raise ParseError("The body is nested too deeply.") from None
        if problem := storable.problem_of(body):
            raise ParseError(f"The body cannot be taken. {problem}")
        return body
