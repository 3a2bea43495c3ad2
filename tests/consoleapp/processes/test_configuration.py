from configparser import RawConfigParser
from pathlib import Path

from consoleapp.processes.configuration import supervisord
from consoleapp.processes.programs import Program


def parsed(*programs: Program) -> RawConfigParser:
    parser = RawConfigParser()
    parser.read_string(supervisord(programs, run=Path("/s/run"), logs=Path("/s/logs")))
    return parser


def test_each_program_is_restarted_without_end_and_logs_to_its_own_file() -> None:
    section = parsed(Program("web", ("uvicorn", "app"), 30))["program:web"]
    assert section["command"] == "uvicorn app"
    assert section["autorestart"] == "true"
    assert int(section["startretries"]) > 10_000
    assert section["stdout_logfile"] == "/s/logs/web.log"


def test_words_with_blanks_and_percent_signs_survive() -> None:
    section = parsed(Program("worker", ("celery", "-n", "control@%h", "a b"), 40))["program:worker"]
    assert section["command"] == "celery -n control@%%h 'a b'"


def test_a_program_stops_by_its_own_signal_and_in_its_own_time() -> None:
    section = parsed(Program("loadtest", ("x",), 40, stop_s=3, stop_signal="QUIT"))
    assert section["program:loadtest"]["stopsignal"] == "QUIT"
    assert section["program:loadtest"]["stopwaitsecs"] == "3"


def test_programs_of_one_priority_stop_together() -> None:
    found = parsed(
        Program("web", ("x",), 30), Program("beat", ("x",), 30), Program("db", ("x",), 10)
    )
    assert (found["group:tier30"]["programs"], found["group:tier30"]["priority"]) == (
        "web,beat",
        "30",
    )
    assert found["group:tier10"]["programs"] == "db"
