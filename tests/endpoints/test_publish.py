"""What gateways read from Redis, and how a lost Redis heals."""

import base64
import json
from datetime import timedelta

import pytest
import redis as redis_client
from django.conf import settings as django_settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from consoleapp.accounts import keys
from consoleapp.accounts.actor import Actor
from consoleapp.aws import sigv4
from endpoints import fleets, publish, store
from endpoints.hosts.fake import FakeRunner
from endpoints.models import Endpoint
from endpoints.routing.table import EndpointRoute
from tests.endpoints.build import instances, make_config, make_endpoint, published, serve

pytestmark = pytest.mark.django_db(transaction=True)


def revision() -> int:
    return int(str(store.client().get(publish.REVISION) or 0))


def test_routes_are_what_the_gateway_reads(actor: Actor, fake: FakeRunner) -> None:
    endpoint = serve(actor, variants=2)
    raw = store.client().hget(publish.ROUTES, "123456789012/us-east-1/e")
    assert isinstance(raw, str)
    route = EndpointRoute.read(raw)
    assert route.serving
    assert [variant.name for variant in route.production] == ["v1", "v2"]
    assert route.production[0].instances[0].name == instances(endpoint)[0].name
    assert route.log_group == "/aws/sagemaker/Endpoints/e"


def test_publishing_the_same_again_disturbs_nobody(actor: Actor, fake: FakeRunner) -> None:
    endpoint = serve(actor)
    publish.everything()
    before = revision()
    publish.endpoint(endpoint.pk)
    publish.everything()
    assert revision() == before


def test_gateways_are_told_of_a_change(actor: Actor, fake: FakeRunner) -> None:
    endpoint = serve(actor)
    before = revision()
    with store.client().pubsub(ignore_subscribe_messages=True) as channel:
        channel.subscribe(publish.CHANNEL)
        channel.get_message(timeout=2)
        endpoint.variants.update(current_weight=9.0)
        publish.endpoint(endpoint.pk)
        message = channel.get_message(timeout=2)
    assert message is not None
    assert message["data"] == "routes"
    assert revision() == before + 1


def test_a_lost_redis_is_filled_again(
    actor: Actor, fake: FakeRunner, redis: redis_client.Redis
) -> None:
    endpoint = serve(actor)
    before = published(endpoint)
    assert actor.user is not None
    key, _ = keys.create(actor, actor.user)
    redis.flushall()
    publish.everything()
    assert published(endpoint) == before
    assert redis.hexists(publish.KEYS, key.key_id)


def test_routes_without_a_row_are_removed(
    actor: Actor, fake: FakeRunner, redis: redis_client.Redis
) -> None:
    serve(actor)
    redis.hset(publish.ROUTES, "123456789012/us-east-1/gone", json.dumps({"endpoint": "gone"}))
    publish.everything()
    assert redis.hkeys(publish.ROUTES) == ["123456789012/us-east-1/e"]


def test_everything_asks_as_often_for_many_as_for_one(actor: Actor, fake: FakeRunner) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            publish.everything()
        return len(seen)

    serve(actor, variants=2)
    one = queries()
    more = [serve(actor, name) for name in ("f", "g", "h")]
    assert queries() == one
    assert all(published(endpoint) for endpoint in more)


def test_an_endpoint_that_is_creating_has_no_routes(actor: Actor, fake: FakeRunner) -> None:
    endpoint = make_endpoint(actor)
    publish.everything()
    assert published(endpoint) is None


def test_keys_are_scoped_to_three_days_and_hold_no_secret(
    actor: Actor, redis: redis_client.Redis
) -> None:
    assert actor.user is not None
    key, secret = keys.create(actor, actor.user)
    raw = redis.hget(publish.KEYS, key.key_id)
    assert isinstance(raw, str)
    assert secret not in raw
    entry = json.loads(raw)
    assert entry["account"] == "123456789012"
    days = [f"{timezone.now() + timedelta(days=offset):%Y%m%d}" for offset in (-1, 0, 1)]
    region = django_settings.REGIONS[0]
    assert set(entry["signing_keys"]) == {f"{day}/{region}/sagemaker" for day in days}
    signing = base64.b64decode(entry["signing_keys"][f"{days[1]}/{region}/sagemaker"])
    assert signing == sigv4.signing_key(secret, days[1], region, "sagemaker")


def test_a_revoked_key_is_gone_when_revoke_returns(actor: Actor, redis: redis_client.Redis) -> None:
    assert actor.user is not None
    key, _ = keys.create(actor, actor.user)
    assert redis.hexists(publish.KEYS, key.key_id)
    keys.revoke(actor, key.key_id)
    assert not redis.hexists(publish.KEYS, key.key_id)


def test_a_redis_that_is_down_holds_nobody_up(
    actor: Actor, fake: FakeRunner, settings: object
) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"  # type: ignore[attr-defined]
    store.client.cache_clear()
    started = timezone.now()
    make_endpoint(actor)
    assert not store.is_up()
    assert (timezone.now() - started).total_seconds() < 5


def test_two_fleets_share_the_weight_and_a_shadow_copies_as_much_as_before(
    actor: Actor, fake: FakeRunner
) -> None:
    endpoint = serve(actor, variants=2)
    config = make_config(actor, "green", weight=5.0)
    fleets.add(endpoint, list(config.variants.all()), fleet=1)
    endpoint.variants.filter(name="v2", fleet=0).update(shadow=True, current_weight=0.5)
    Endpoint.objects.update(pending_config=config, pending_share=0.25)
    endpoint.refresh_from_db()
    found = [
        (one["name"], one.get("config", ""), one["weight"])
        for one in publish.routes(endpoint)["variants"]
    ]
    assert found == [("v1", "", 0.75), ("v2", "", 0.375), ("v1", "green", 0.25)]
    Endpoint.objects.update(pending_share=0.0)
    endpoint.refresh_from_db()
    assert [one["weight"] for one in publish.routes(endpoint)["variants"]] == [1.0, 0.5]
