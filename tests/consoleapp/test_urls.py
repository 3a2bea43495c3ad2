"""No page stands where the page of a thing belongs that somebody gave that name."""

import pytest
from django.urls import get_resolver, resolve, reverse
from django.urls.resolvers import URLResolver

_KINDS = (
    *("recommender:job", "recommender-api:job", "metrics:alarm", "storage:bucket"),
    *("endpoints:model", "endpoints:group", "endpoints:config", "endpoints:detail"),
    *("endpoints-api:api-model", "endpoints-api:api-group"),
    *("endpoints-api:api-config", "endpoints-api:api-endpoint"),
)


def _words(found: URLResolver) -> set[str]:
    """Every word that is part of some path."""
    words: set[str] = set()
    for each in found.url_patterns:
        words |= set(str(each.pattern).split("/"))
        if isinstance(each, URLResolver):
            words |= _words(each)
    return {word for word in words if word.replace("-", "").isalnum()}


@pytest.mark.parametrize("kind", _KINDS)
def test_a_thing_may_have_any_word_of_a_path_for_its_name(kind: str) -> None:
    words = _words(get_resolver())
    assert {"create", "create-model", "jobs"} <= words
    taken = {word for word in words if resolve(reverse(kind, args=[word])).view_name != kind}
    assert not taken
