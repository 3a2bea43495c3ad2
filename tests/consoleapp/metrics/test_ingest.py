"""The ingest as a process, over real connections."""

import time

from consoleapp.metrics.emit import Emitter
from tests.consoleapp.metrics.folders import FORTY_MIB, describe, running
from tests.consoleapp.metrics.live import TOKEN, LiveIngest, wait_until
from tests.consoleapp.metrics.samples import make_sample


def test_samples_of_several_writers_in_one_second_become_one_row(ingest: LiveIngest) -> None:
    second = int(time.time()) - 5
    for values in ([100.0, 200.0], [300.0], [50.0, 60.0, 70.0]):
        with Emitter(ingest.address, TOKEN) as emitter:
            emitter.send([make_sample(values, second=second)])
    tally = wait_until(lambda: _whole(ingest, second, 6))
    assert (tally.total, tally.minimum, tally.maximum) == (780.0, 50.0, 300.0)
    assert tally.sketch.buckets == make_sample([100, 200, 300, 50, 60, 70]).sketch.buckets


def test_a_late_sample_is_added_to_its_second(ingest: LiveIngest) -> None:
    second = int(time.time()) - 3600
    with Emitter(ingest.address, TOKEN) as emitter:
        emitter.send([make_sample([10.0], second=second)])
        wait_until(lambda: _whole(ingest, second, 1))
        emitter.send([make_sample([30.0], second=second)])
    tally = wait_until(lambda: _whole(ingest, second, 2))
    assert tally.total == 40.0
    assert tally.sketch.buckets == make_sample([10, 30]).sketch.buckets


def test_bad_lines_cost_only_themselves(ingest: LiveIngest) -> None:
    good = make_sample([7.0], second=int(time.time()) - 5)
    far = make_sample([7.0], second=2**31)
    bad = [b"not json\n", b"[1,2]\n", b"\xff\xfe\n", b'{"a":1}\n', b"x" * 600_000 + b"\n"]
    with ingest.connect() as connection:
        for line in (*bad, far.encode(), good.encode()):
            connection.sendall(line)
        wait_until(lambda: _whole(ingest, good.second, 1))
    assert list(ingest.tallies("ModelLatency")) == [good.second]


def test_a_line_cut_by_a_disconnect_is_ignored(ingest: LiveIngest) -> None:
    second = int(time.time()) - 5
    line = make_sample([7.0], second=second).encode()
    with ingest.connect() as connection:
        connection.sendall(line + line[:-1])
    with ingest.connect() as connection:
        connection.sendall(make_sample([1.0], second=second + 1).encode())
        wait_until(lambda: _whole(ingest, second + 1, 1))
    assert ingest.tallies("ModelLatency")[second].count == 1


def test_a_wrong_token_is_shown_the_door(ingest: LiveIngest) -> None:
    with ingest.connect("a wrong token") as connection:
        assert connection.recv(1) == b""


def test_a_stop_writes_what_was_received(ingest: LiveIngest) -> None:
    second = int(time.time()) - 5
    with Emitter(ingest.address, TOKEN) as emitter:
        emitter.send([make_sample([7.0], second=second + n % 3) for n in range(900)])
        assert ingest.stop() == 0
    assert sum(tally.count for tally in ingest.tallies("ModelLatency").values()) == 900


def _whole(ingest: LiveIngest, second: int, count: int):
    tally = ingest.tallies("ModelLatency").get(second)
    return tally if tally and tally.count == count else None


def test_it_measures_an_instance_and_keeps_its_output(ingest: LiveIngest) -> None:
    with running(FORTY_MIB) as process:
        folder = describe(ingest.instances, memory_mib=200, **process)
        (folder / "stdout.log").write_text("ready\n")
        tallies = wait_until(lambda: ingest.tallies("MemoryUtilization"))
        wait_until(lambda: ingest.messages("A/churn-A-0") == ["ready"])
    assert all(20 < tally.total < 40 for tally in tallies.values())
    describe(ingest.instances, ended=True)
    wait_until(lambda: not folder.exists())


def test_lines_survive_a_killed_ingest_exactly_once(ingest: LiveIngest) -> None:
    log = describe(ingest.instances) / "stdout.log"
    with log.open("a", buffering=1) as file:
        for number in range(300):
            file.write(f"line {number}\n")
            if number % 100 == 50:
                wait_until(lambda: ingest.messages("A/churn-A-0"))
                ingest.kill()
                ingest.start()
    describe(ingest.instances, ended=True)
    wait_until(lambda: not log.exists())
    assert ingest.messages("A/churn-A-0") == [f"line {number}" for number in range(300)]
