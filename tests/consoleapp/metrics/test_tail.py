"""Output of instances becomes events: every line once."""

import os
from pathlib import Path

import pytest
from django.db import DatabaseError

from consoleapp.metrics import logs, tail
from consoleapp.metrics.models import TailedFile
from consoleapp.metrics.tail import Tailer
from tests.consoleapp.metrics.folders import GROUP, describe
from tests.consoleapp.metrics.refusing import refusing
from tests.consoleapp.metrics.samples import ACCOUNT, REGION

pytestmark = pytest.mark.django_db(databases=["default", "metrics"])


def test_lines_arrive_once_across_steps_and_restarts(tmp_path: Path) -> None:
    log = describe(tmp_path) / "stdout.log"
    log.write_text("one\ntwo\n")
    tailer = Tailer(tmp_path)
    tailer.step()
    tailer.step()
    _add(log, "three\n")
    Tailer(tmp_path).step()
    tailer.step()
    assert _stored() == ["one", "two", "three"]


def test_an_unfinished_line_waits_for_its_end(tmp_path: Path) -> None:
    log = describe(tmp_path) / "stdout.log"
    log.write_text("whole\nhal")
    tailer = Tailer(tmp_path)
    tailer.step()
    assert _stored() == ["whole"]
    _add(log, "f\n")
    tailer.step()
    assert _stored() == ["whole", "half"]


def test_an_ended_instance_is_read_to_its_last_byte_and_removed(tmp_path: Path) -> None:
    folder = describe(tmp_path, ended=True)
    (folder / "stdout.log").write_text("one\nlast words")
    Tailer(tmp_path).step()
    assert _stored() == ["one", "last words"]
    assert list(tmp_path.iterdir()) == []
    assert not TailedFile.objects.exists()


def test_an_ended_instance_with_much_output_is_removed_only_when_all_is_read(
    tmp_path: Path,
) -> None:
    folder = describe(tmp_path, ended=True)
    lines = [f"line {n} {'x' * 90}" for n in range(6_000)]
    (folder / "stdout.log").write_text("\n".join(lines))
    tailer = Tailer(tmp_path)
    tailer.step()
    assert folder.exists()
    while folder.exists():
        tailer.step()
    assert _stored(10_000) == lines


def test_an_ended_instance_that_never_wrote_is_removed(tmp_path: Path) -> None:
    folder = describe(tmp_path, ended=True)
    Tailer(tmp_path).step()
    assert not folder.exists()


def test_a_folder_made_anew_under_its_old_name_is_read_from_its_beginning(tmp_path: Path) -> None:
    (describe(tmp_path, ended=True) / "stdout.log").write_text("first life, long\n")
    tailer = Tailer(tmp_path)
    tailer.step()
    (describe(tmp_path) / "stdout.log").write_text("second\n")
    tailer.step()
    assert _stored() == ["first life, long", "second"]


def test_a_file_emptied_by_its_writer_is_read_anew(tmp_path: Path) -> None:
    log = describe(tmp_path) / "stdout.log"
    log.write_text("a long first line\n")
    tailer = Tailer(tmp_path)
    tailer.step()
    log.write_text("new\n")
    tailer.step()
    assert _stored() == ["a long first line", "new"]


def test_a_failed_write_moves_nothing(tmp_path: Path) -> None:
    (describe(tmp_path) / "stdout.log").write_text("one\n")
    tailer = Tailer(tmp_path)
    with refusing("UPDATE", "metrics_tailedfile"), pytest.raises(DatabaseError):
        tailer.step()
    assert _stored() == []
    tailer.step()
    assert _stored() == ["one"]


def test_a_long_line_is_cut(tmp_path: Path) -> None:
    log = describe(tmp_path) / "stdout.log"
    log.write_text("x" * 50_000 + "\nshort\n")
    Tailer(tmp_path).step()
    long, short = _stored()
    assert len(long) == logs.LONGEST_MESSAGE
    assert short == "short"


def test_a_line_without_an_end_does_not_stop_the_reading(tmp_path: Path) -> None:
    log = describe(tmp_path) / "stdout.log"
    log.write_text("x" * 600_000 + "\nafter\n")
    tailer = Tailer(tmp_path)
    for _ in range(4):
        tailer.step()
    assert _stored()[-1] == "after"


def test_output_far_ahead_of_the_reader_is_left_out_and_said_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tail, "_MOST_BEHIND", 100)
    (describe(tmp_path) / "stdout.log").write_text("old\n" * 1_000 + "newest\n")
    Tailer(tmp_path).step()
    stored = _stored()
    assert stored[0] == "(3907 bytes of output were left out: written faster than kept)"
    assert stored[-1] == "newest"


def test_a_stream_keeps_its_newest_events(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs.trim, "__defaults__", (50,))
    (describe(tmp_path) / "stdout.log").write_text("".join(f"{n}\n" for n in range(1_500)))
    Tailer(tmp_path).step()
    assert _stored() == [str(n) for n in range(1_450, 1_500)]


def test_odd_bytes_are_replaced(tmp_path: Path) -> None:
    (describe(tmp_path) / "stdout.log").write_bytes(b"a\xff\x00b\n\n")
    Tailer(tmp_path).step()
    assert _stored() == ["a\ufffd\ufffdb", ""]


def test_a_link_laid_in_place_of_the_log_is_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret\n")
    folder = describe(tmp_path / "instances")
    os.symlink(secret, folder / "stdout.log")
    os.symlink(secret, folder / ".tail.name")
    Tailer(tmp_path / "instances").step()
    (folder / "stdout.log").unlink()
    (folder / "stdout.log").write_text("own\n")
    Tailer(tmp_path / "instances").step()
    assert _stored() == ["own"]
    assert secret.read_text() == "secret\n"


def test_leftovers_of_an_interrupted_removal_are_cleared_and_not_read(tmp_path: Path) -> None:
    (describe(tmp_path, ".gone-abc") / "stdout.log").write_text("again\n")
    Tailer(tmp_path).step()
    assert _stored() == []
    assert list(tmp_path.iterdir()) == []


def _add(log: Path, text: str) -> None:
    with log.open("a") as file:
        file.write(text)


def _stored(lines: int = 1_000) -> list[str]:
    return logs.tail(ACCOUNT, REGION, GROUP, "A/churn-A-0", lines)
