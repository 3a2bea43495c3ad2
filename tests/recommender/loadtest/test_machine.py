import os

from recommender.loadtest.machine import describe


def test_it_names_the_real_cpu_and_its_cores() -> None:
    machine = describe()
    assert machine.cpu_model
    assert machine.cores == os.cpu_count()
    assert machine.memory_mib > 100
    assert machine.cpu_model in str(machine)
    assert set(machine.as_dict()) == {"cpu_model", "cores", "memory_mib", "kernel", "virtual"}
