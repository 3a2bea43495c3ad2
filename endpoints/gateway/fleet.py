"""The live side of the route table: variants bound to pools and counters that outlast a change."""

import logging
from collections.abc import Iterator, Mapping
from random import random
from typing import Final

from endpoints.gateway.capture import Capture, Captures
from endpoints.gateway.counters import VariantCounters
from endpoints.gateway.pool import Pool
from endpoints.routing.pick import by_share, part_of, shares
from endpoints.routing.table import EndpointRoute, InstanceRoute, VariantRoute

logger = logging.getLogger(__name__)

_PoolKey = tuple[str, str, int]


class LiveVariant:
    """A variant of a live route. `turn` moves on with each pick, so that ties go round."""

    __slots__ = ("capture", "counters", "name", "name_lines", "pools", "spec", "turn")

    def __init__(
        self,
        spec: VariantRoute,
        pools: tuple[Pool, ...],
        counters: VariantCounters,
        capture: Capture | None = None,
    ) -> None:
        self.spec = spec
        self.capture = capture
        self.name = spec.name
        self.pools = pools
        self.counters = counters
        self.turn = 0
        self.name_lines: Final = (
            f"x-Amzn-Invoked-Production-Variant: {spec.name}\r\nx-amzn-RequestId: ".encode()
        )


class LiveRoute:
    __slots__ = ("production", "shadows", "spec")

    def __init__(
        self, spec: EndpointRoute, production: list[LiveVariant], shadows: list[LiveVariant]
    ) -> None:
        self.spec = spec
        self.production = production
        weights = [variant.spec.weight for variant in production]
        self.shadows = [(variant, part_of(variant.spec.weight, weights)) for variant in shadows]

    def draw(self) -> LiveVariant | None:
        """A variant by weight; None when no variant has any."""
        bounds = self.spec.bounds
        if not bounds:
            return None
        if len(bounds) == 1:
            return self.production[0]
        return self.production[by_share(bounds, random())]  # noqa: S311 - a share, not a secret

    def named(self, name: str) -> LiveVariant | None:
        """While two fleets serve, a name may be there twice: then by weight."""
        found = [variant for variant in self.production if variant.name == name]
        bounds = shares([variant.spec.weight for variant in found])
        if len(found) > 1 and bounds:
            return found[by_share(bounds, random())]  # noqa: S311
        return found[0] if found else None

    def drawn_shadows(self) -> Iterator[LiveVariant]:
        for variant, share in self.shadows:
            if random() < share:  # noqa: S311
                yield variant


class Fleet:
    def __init__(self, captures: Captures | None = None) -> None:
        self.routes: dict[str, LiveRoute] = {}
        self._captures = captures
        self._published: dict[str, bytes] = {}
        self._pools: dict[_PoolKey, Pool] = {}
        self._retired: list[Pool] = []
        self._counters: dict[tuple[str, str, str], VariantCounters] = {}

    def replace(self, published: Mapping[bytes, bytes]) -> None:
        """Takes over a whole table. An entry that cannot be read leaves the old one in place."""
        fresh = {key.decode(): raw for key, raw in published.items()}
        for key in self.routes.keys() - fresh.keys():
            del self.routes[key]
        for key, raw in fresh.items():
            if self._published.get(key) == raw and key in self.routes:
                continue
            try:
                spec = EndpointRoute.read(raw)
            except (ValueError, KeyError, TypeError, AttributeError):
                logger.exception("the published route %s cannot be read", key)
                continue
            self.routes[key] = self._live(key, spec)
        self._published = fresh
        self._retire_unused()

    def take(self, key: str, raw: bytes) -> None:
        """One entry, ahead of the next whole table."""
        known = {name.encode(): entry for name, entry in self._published.items()}
        self.replace({**known, key.encode(): raw})

    def _live(self, key: str, spec: EndpointRoute) -> LiveRoute:
        production = [self._variant(key, spec, variant) for variant in spec.production]
        shadows = [self._variant(key, spec, variant) for variant in spec.shadows]
        return LiveRoute(spec, production, shadows)

    def _variant(self, key: str, spec: EndpointRoute, variant: VariantRoute) -> LiveVariant:
        place = (key, variant.name, variant.config)
        counters = self._counters.get(place)
        if counters is None:
            counters = VariantCounters(
                spec.account, spec.region, spec.endpoint, variant.name, config=variant.config
            )
            self._counters[place] = counters
        counters.instances = len(variant.instances)
        pools = tuple(self._pool(one, variant.max_in_flight) for one in variant.instances)
        return LiveVariant(variant, pools, counters, self._capture(spec, variant))

    def _capture(self, spec: EndpointRoute, variant: VariantRoute) -> Capture | None:
        if self._captures is None or not variant.capture:
            return None
        return self._captures.of(
            spec.account, spec.region, spec.endpoint, variant.name, variant.capture
        )

    def _pool(self, instance: InstanceRoute, limit: int) -> Pool:
        key = (instance.name, instance.host, instance.port)
        pool = self._pools.get(key)
        if pool is None:
            pool = self._pools[key] = Pool(instance, limit)
        pool.limit = limit
        return pool

    def _retire_unused(self) -> None:
        used = {
            id(pool)
            for route in self.routes.values()
            for variant in (*route.production, *(shadow for shadow, _ in route.shadows))
            for pool in variant.pools
        }
        for key, pool in list(self._pools.items()):
            if id(pool) not in used:
                del self._pools[key]
                pool.retire()
                self._retired.append(pool)

    def sweep(self, now: float) -> None:
        self._retired = [pool for pool in self._retired if not pool.is_empty]
        for pool in (*self._pools.values(), *self._retired):
            pool.sweep(now)

    def counters(self) -> Iterator[VariantCounters]:
        """All that may hold counts; those of variants that are gone are let go once empty."""
        live = {
            (key, variant.name, variant.spec.config)
            for key, route in self.routes.items()
            for variant in (*route.production, *(shadow for shadow, _ in route.shadows))
        }
        for key, counters in list(self._counters.items()):
            if key not in live and not counters.invocations:
                del self._counters[key]
            else:
                yield counters
