import pytest

from consoleapp.accounts.errors import ValidationFailed
from consoleapp.storage.addresses import check_bucket_name, parse_uri


@pytest.mark.parametrize(
    ("uri", "parts"),
    [
        ("s3://models/a.tar.gz", ("models", "a.tar.gz")),
        ("s3://models/some/folder/a b.csv", ("models", "some/folder/a b.csv")),
        ("s3://models/some/folder/", ("models", "some/folder/")),
        ("s3://models", ("models", "")),
        ("s3://models/", ("models", "")),
        ("s3://models/größe.csv", ("models", "größe.csv")),
    ],
)
def test_it_takes_an_address_apart(uri: str, parts: tuple[str, str]) -> None:
    assert parse_uri(uri) == parts


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "models/a.tar.gz",
        "https://models/a.tar.gz",
        "S3://models/a",
        "s3://",
        "s3://ab/x",
        "s3://Models/x",
        "s3://a..b/x",
        "s3://-models/x",
        "s3://models-/x",
        "s3://127.0.0.1/x",
        "s3://mod_els/x",
        "s3://models/../others/x",
        "s3://models/a/../../others/x",
        "s3://models/./x",
        "s3://models//x",
        "s3://models/a//",
        "s3://models/a\nb",
        "s3://models/" + "a" * 256,
        "s3://models/" + "a/" * 600,
    ],
)
def test_it_refuses_what_could_leave_its_bucket_or_is_no_address(uri: str) -> None:
    with pytest.raises(ValidationFailed):
        parse_uri(uri)


def test_a_bucket_name_has_3_to_63_characters() -> None:
    check_bucket_name("abc")
    check_bucket_name("a" * 63)
    for name in ("ab", "a" * 64):
        with pytest.raises(ValidationFailed) as refused:
            check_bucket_name(name)
        assert refused.value.field == "name"
