"""The demo's REST client: what a script of a user's would do."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import httpx

from consoleapp.accounts.bootstrap import read_credentials


class DemoFailed(Exception):
    """The demo cannot go on; the message says why, for a person."""


@dataclass(frozen=True, slots=True)
class Console:
    """One running console, by what its credentials.env exports."""

    url: str
    token: str

    @classmethod
    def from_credentials(cls, path: Path) -> Self | None:
        told = read_credentials(path)
        return cls(url=told.console_url, token=told.token) if told else None

    def healthy(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health", timeout=5, trust_env=False).is_success
        except httpx.HTTPError:
            return False

    def get(self, path: str, **params: str) -> Any:
        return self._call("GET", path, params=params)

    def post(self, path: str, body: object = None) -> Any:
        return self._call("POST", path, json=body)

    def _call(self, method: str, path: str, **options: Any) -> Any:
        """Raises DemoFailed with the console's own words."""
        try:
            answer = httpx.request(
                method,
                f"{self.url}/api/v1{path}",
                headers={"Authorization": f"Token {self.token}"},
                timeout=30,
                trust_env=False,
                **options,
            )
        except httpx.HTTPError as fault:
            raise DemoFailed(f"the console at {self.url} does not answer: {fault}") from None
        if not answer.is_success:
            raise DemoFailed(f"{method} {path}: {answer.status_code} {answer.text[:500]}")
        return answer.json() if answer.content else None
