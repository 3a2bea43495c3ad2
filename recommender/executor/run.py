"""What one attempt at a load test works with, from its start to its result."""

from dataclasses import dataclass, field

from endpoints.models import Endpoint, Instance, Variant
from recommender.executor.cores import Watch
from recommender.executor.lease import Lease
from recommender.executor.observe import Observer
from recommender.loadtest.report import SecondReport
from recommender.loadtest.stop import SecondSeen, Stop, StopRules
from recommender.models import JobStep
from recommender.plan import Plan


@dataclass(slots=True)
class Run:
    step: JobStep
    plan: Plan
    endpoint: Endpoint
    variant: Variant
    instances: list[Instance]
    rules: StopRules
    observer: Observer
    lease: Lease
    watch: Watch
    #: Every second the stop rules have judged.
    seen: list[SecondSeen] = field(default_factory=list)
    reports: list[SecondReport] = field(default_factory=list)
    stop: Stop | None = None
