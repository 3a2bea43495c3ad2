import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from consoleapp import env


@pytest.mark.parametrize(
    ("text", "meant"), [("1", True), ("TRUE", True), ("off", False), ("", False)]
)
def test_a_flag_understands_the_usual_words(
    monkeypatch: pytest.MonkeyPatch, text: str, meant: bool
) -> None:
    monkeypatch.setenv("SOME_FLAG", text)
    assert env.flag("SOME_FLAG") is meant


def test_an_unknown_boolean_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_FLAG", "perhaps")
    with pytest.raises(env.BadSetting, match="SOME_FLAG='perhaps' is not a boolean"):
        env.flag("SOME_FLAG")


def test_a_bad_number_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "eight")
    with pytest.raises(env.BadSetting, match="PORT='eight' is not a whole number"):
        env.number("PORT", 8000)


def test_an_empty_number_means_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "")
    assert env.number("PORT", 8000) == 8000


def test_names_are_trimmed_and_empty_ones_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGIONS", " us-east-1 ,, eu-west-1")
    assert env.names("REGIONS") == ["us-east-1", "eu-west-1"]


def test_a_secret_is_made_once_and_kept_private(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("STATE_DIR", str(tmp_path / "state"))
    monkeypatch.delenv("SOME_SECRET", raising=False)

    made = env.ensure_secret("SOME_SECRET")

    kept = tmp_path / "state" / "secrets.json"
    assert len(made) >= 32
    assert env.ensure_secret("SOME_SECRET") == made
    assert json.loads(kept.read_text())["SOME_SECRET"] == made
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700


def test_secrets_made_by_several_processes_at_once_are_all_kept(tmp_path: Path) -> None:
    code = "import sys; from consoleapp import env; print(env.ensure_secret(sys.argv[1]))"
    environment = {**os.environ, "STATE_DIR": str(tmp_path)}
    names = [f"SECRET_{number}" for number in range(12)]
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code, name], env=environment, stdout=subprocess.PIPE
        )
        for name in names
    ]
    told = [process.communicate()[0].decode().strip() for process in processes]
    kept = json.loads((tmp_path / "secrets.json").read_text())
    assert kept == dict(zip(names, told, strict=True))


def test_the_environment_s_secret_wins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("STATE_DIR", str(tmp_path))
    monkeypatch.setenv("SOME_SECRET", "given")
    assert env.ensure_secret("SOME_SECRET") == "given"
    assert not (tmp_path / "secrets.json").exists()
