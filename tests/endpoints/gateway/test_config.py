from pathlib import Path

import pytest

from endpoints.gateway.config import Config


def test_it_listens_where_the_others_look_for_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("STATE_DIR", str(tmp_path))
    monkeypatch.setenv("GATEWAY_URL", "http://127.0.0.1:4567")
    monkeypatch.setenv("GATEWAY_TOKEN", "t")
    config = Config.from_environment()
    assert (config.host, config.port, config.token) == ("127.0.0.1", 4567, "t")
    assert config.ingest_token
