import socket

from consoleapp.processes import ports


def test_every_name_gets_a_port_of_its_own() -> None:
    chosen = ports.choose(["a", "b", "c", "d"])
    assert set(chosen) == {"a", "b", "c", "d"}
    assert len(set(chosen.values())) == 4
    assert all(ports.is_free(port) for port in chosen.values())


def test_a_port_that_is_listened_on_is_not_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert not ports.is_free(server.getsockname()[1])
