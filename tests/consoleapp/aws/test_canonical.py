from consoleapp.aws.canonical import Request, canonical, joined, pairs


def test_repeated_headers_are_joined_in_order() -> None:
    assert joined([(b"a", b"1"), (b"b", b"2"), (b"a", b"3")]) == {b"a": b"1,3", b"b": b"2"}


def test_a_query_is_taken_apart_without_decoding() -> None:
    assert pairs(b"a=1%20&b&c=d=e&&") == [(b"a", b"1%20"), (b"b", b""), (b"c", b"d=e")]


def test_the_canonical_request_is_as_aws_writes_it() -> None:
    request = Request(
        b"GET", b"/b%20x/k", b"z=1&a=%2F&X-Amz-Signature=s", {b"host": b" h ", b"x-y": b"a  b"}
    )
    assert canonical(request, (b"host", b"x-y"), b"hash", service="s3").split(b"\n") == [
        b"GET",
        b"/b%20x/k",
        b"a=%2F&z=1",
        b"host:h",
        b"x-y:a b",
        b"",
        b"host;x-y",
        b"hash",
    ]


def test_only_s3_encodes_a_path_once() -> None:
    request = Request(b"GET", b"/a%3Ab", b"", {})
    assert canonical(request, (), b"", service="s3").split(b"\n")[1] == b"/a%3Ab"
    assert canonical(request, (), b"", service="sts").split(b"\n")[1] == b"/a%253Ab"
