"""The Locust side of the benchmark. Runs in Locust's own environment: imports Locust alone."""

import os
import time

from locust import FastHttpUser, constant, events, task

_began: list[float] = []


class Invoker(FastHttpUser):
    wait_time = constant(0)

    @task
    def invoke(self) -> None:
        self.client.post(
            os.environ["BENCH_PATH"],
            data=os.environ["BENCH_ROW"],
            headers={"Content-Type": "text/csv"},
        )


@events.spawning_complete.add_listener
def begin(**_: object) -> None:
    _began[:] = [time.perf_counter(), time.process_time()]


@events.test_stop.add_listener
def report(environment: object, **_: object) -> None:
    wall = time.perf_counter() - _began[0]
    cpu = (time.process_time() - _began[1]) / wall
    total = environment.stats.total
    p50, p99 = (total.get_response_time_percentile(share) or 0 for share in (0.5, 0.99))
    print(f"BENCH {total.num_requests / wall} {cpu} {p50} {p99} {total.num_failures}")
