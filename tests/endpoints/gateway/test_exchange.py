"""What a client gets for what a model server does, over real sockets."""

import asyncio

import pytest
from botocore.eventstream import EventStreamBuffer

from endpoints.gateway.client import ClientConnection
from tests.endpoints.gateway.rig import (
    ACCOUNT,
    Rig,
    Seen,
    answer,
    invocation,
    reply,
    until,
    variant,
)


async def test_the_models_answer_comes_back_with_its_variants_name(rig: Rig) -> None:
    model = await rig.model(reply(b"0.7", Content_Type="text/csv", X_Other="dropped"))
    rig.publish(variant(model))
    found = await rig.ask(b"1,2,3")
    assert (found.status, found.body) == (200, b"0.7")
    assert found.headers["content-type"] == "text/csv"
    assert found.headers["x-amzn-invoked-production-variant"] == "v1"
    assert len(found.headers["x-amzn-requestid"]) == 36
    assert "x-other" not in found.headers


async def test_the_model_sees_the_contracts_headers_and_no_others(rig: Rig) -> None:
    model = await rig.model()
    rig.publish(variant(model))
    await rig.ask(
        b"payload",
        headers=[
            "Content-Type: text/csv",
            "Accept: application/json",
            "X-Amzn-SageMaker-Custom-Attributes: tell=me",
            "x-amzn-sagemaker-inference-id: 7",
            "Authorization: secret",
            "Cookie: secret",
            "Connection: keep-alive",
        ],
    )
    (seen,) = model.seen
    assert seen.line == "POST /invocations HTTP/1.1"
    assert seen.body == b"payload"
    assert seen.headers == {
        "host": f"127.0.0.1:{model.port}",
        "content-length": "7",
        "content-type": "text/csv",
        "accept": "application/json",
        "x-amzn-sagemaker-custom-attributes": "tell=me",
        "x-amzn-sagemaker-inference-id": "7",
    }


async def test_custom_attributes_come_back(rig: Rig) -> None:
    rig.publish(variant(await rig.model(reply(X_Amzn_SageMaker_Custom_Attributes="a=b"))))
    found = await rig.ask()
    assert found.headers["x-amzn-sagemaker-custom-attributes"] == "a=b"


async def test_a_chunked_answer_is_passed_on_in_chunks(rig: Rig) -> None:
    async def script(seen: Seen, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
        await asyncio.sleep(0.01)
        writer.write(b"2\r\nde\r\n0\r\n\r\n")

    model = await rig.model(script)
    rig.publish(variant(model))
    for _ in range(2):
        found = await rig.ask()
        assert found.body == b"abcde"
        assert found.headers["transfer-encoding"] == "chunked"
    assert model.connections == 1


async def test_an_old_client_gets_a_chunked_answer_until_the_end(rig: Rig) -> None:
    async def script(seen: Seen, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")

    rig.publish(variant(await rig.model(script)))
    found = await rig.ask(version="1.0")
    assert found.body == b"abc"
    assert "transfer-encoding" not in found.headers


async def test_an_answer_that_ends_with_the_connection_is_whole(rig: Rig) -> None:
    async def script(seen: Seen, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.0 200 OK\r\n\r\nall there is")
        writer.close()

    rig.publish(variant(await rig.model(script)))
    assert (await rig.ask()).body == b"all there is"


async def test_an_interim_answer_is_skipped(rig: Rig) -> None:
    async def script(seen: Seen, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n" + answer(b"real"))

    rig.publish(variant(await rig.model(script)))
    assert (await rig.ask()).body == b"real"


@pytest.mark.parametrize(("status", "kind"), [(400, "client"), (404, "client"), (500, "server")])
async def test_a_models_error_is_a_model_error(rig: Rig, status: int, kind: str) -> None:
    rig.publish(variant(await rig.model(reply(b"broken input", status))))
    found = await rig.ask()
    assert found.status == 424
    assert found.headers["x-amzn-errortype"] == "ModelError"
    assert found.error["OriginalStatusCode"] == status
    assert found.error["OriginalMessage"] == "broken input"
    assert found.error["LogStreamArn"] == (
        f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/aws/sagemaker/Endpoints/ep"
    )
    assert found.error["Message"].startswith(
        f'Received {kind} error ({status}) from primary with message "broken input". See https://'
    )
    assert found.error["Message"].endswith(f"in account {ACCOUNT} for more information.")


async def test_a_models_error_in_pieces_is_one_model_error(rig: Rig) -> None:
    async def script(seen: Seen, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 500 X\r\nContent-Length: 6\r\n\r\nabc")
        await asyncio.sleep(0.01)
        writer.write(b"def")

    rig.publish(variant(await rig.model(script)))
    found = await rig.ask()
    assert (found.status, found.error["OriginalMessage"]) == (424, "abcdef")


async def test_a_model_that_takes_too_long_is_a_model_error(rig: Rig) -> None:
    async def script(seen: Seen, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(60)

    rig.publish(variant(await rig.model(script), timeout_s=0.2))
    found = await rig.ask()
    assert found.status == 424
    assert found.error["OriginalStatusCode"] == 0
    assert found.error["OriginalMessage"].startswith(
        "Your invocation timed out while waiting for a response from container primary."
    )
    assert rig.counted("InvocationModelErrors") == 1


@pytest.mark.parametrize(
    "said",
    [b"", b"HTTP/1.1 200 OK\r\nContent-Le", b"nonsense\r\n\r\n", b"HTTP/1.1 101 X\r\n\r\n"],
)
async def test_half_an_answer_or_nonsense_is_a_model_error(rig: Rig, said: bytes) -> None:
    async def script(seen: Seen, writer: asyncio.StreamWriter) -> None:
        writer.write(said)
        writer.close()

    model = await rig.model(script)
    rig.publish(variant(model, model.port))
    found = await rig.ask()
    assert (found.status, found.error["OriginalStatusCode"]) == (424, 0)
    # It may have run: nobody else is asked.
    assert len(model.seen) == 1


@pytest.mark.parametrize(
    "said", [b"Content-Length: 1000\r\n\r\nabc", b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"]
)
async def test_an_answer_cut_after_its_head_ends_the_clients_connection(
    rig: Rig, said: bytes
) -> None:
    async def script(seen: Seen, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n" + said)
        await writer.drain()
        writer.close()

    rig.publish(variant(await rig.model(script)))
    wire = await rig.connect()
    wire.send(invocation())
    assert (await wire.head()).status == 200
    assert not (await wire.rest()).endswith(b"0\r\n\r\n")
    assert rig.counted("Invocation5XXErrors") == 1


async def test_latency_is_the_models_and_the_rest_is_overhead(rig: Rig) -> None:
    async def slow(seen: Seen, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.05)
        writer.write(answer())

    rig.publish(variant(await rig.model(slow)))
    await rig.ask()
    model, overhead = rig.only("ModelLatency"), rig.only("OverheadLatency")
    assert model.unit == overhead.unit == "Microseconds"
    # Timers may fire a little early.
    assert model.total >= 45_000
    assert overhead.total >= 0
    assert rig.counted("Invocations") == 1
    assert rig.counted("InvocationsPerInstance") == 1


async def test_a_stream_is_framed_as_payload_parts(rig: Rig) -> None:
    second = asyncio.Event()

    async def script(seen: Seen, writer: asyncio.StreamWriter) -> None:
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"
            b"3\r\none\r\n"
        )
        await second.wait()
        writer.write(b"3\r\ntwo\r\n0\r\n\r\n")

    rig.publish(variant(await rig.model(script)))
    wire = await rig.connect()
    wire.send(invocation(action="invocations-response-stream"))
    head = await wire.head()
    assert head.headers["content-type"] == "application/vnd.amazon.eventstream"
    assert head.headers["x-amzn-sagemaker-content-type"] == "text/plain"
    buffer = EventStreamBuffer()
    # The first part is here before the model has said the second.
    buffer.add_data(await wire.chunk())
    second.set()
    buffer.add_data(await wire.chunk())
    assert await wire.chunk() == b""
    assert [event.payload for event in buffer] == [b"one", b"two"]


async def test_a_stream_that_breaks_ends_with_an_exception(rig: Rig) -> None:
    async def script(seen: Seen, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n")
        await writer.drain()
        writer.close()

    rig.publish(variant(await rig.model(script)))
    found = await rig.ask(action="invocations-response-stream")
    buffer = EventStreamBuffer()
    buffer.add_data(found.body)
    part, exception = list(buffer)
    assert part.payload == b"one"
    assert exception.headers[":exception-type"] == "ModelStreamError"


async def test_a_short_answer_streams_too(rig: Rig) -> None:
    rig.publish(variant(await rig.model(reply(b"whole"))))
    found = await rig.ask(action="invocations-response-stream")
    buffer = EventStreamBuffer()
    buffer.add_data(found.body)
    assert [event.payload for event in buffer] == [b"whole"]


async def test_a_slow_client_holds_the_model_back(rig: Rig) -> None:
    size, sent = 32 * 1024 * 1024, 0

    async def script(seen: Seen, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
        while sent < size:
            writer.write(bytes(1024 * 1024))
            sent += 1024 * 1024
            await writer.drain()

    rig.publish(variant(await rig.model(script)))
    wire = await rig.connect()
    wire.send(invocation())
    await wire.head()
    client = next(iter(rig.gateway._clients))
    assert isinstance(client, ClientConnection)
    await until(lambda: client.is_paused)
    stopped_at = sent
    await asyncio.sleep(0.1)
    # Buffers of the kernel aside, nothing moves until the client reads on.
    assert sent - stopped_at <= 8 * 1024 * 1024
    assert sent < size
    assert await wire.reader.readexactly(size) == bytes(size)
