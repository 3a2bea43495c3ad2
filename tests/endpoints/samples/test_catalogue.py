import pytest

from endpoints import instance_types
from endpoints.samples.catalogue import INSTANCE_TYPES, SAMPLES
from endpoints.stacks.table import stack_for


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_the_stack_that_trains_a_sample_is_the_one_that_serves_its_image(sample):
    assert stack_for(sample.image).name == sample.stack


@pytest.mark.parametrize("name", INSTANCE_TYPES)
def test_the_instance_types_are_known_priced_and_served(name):
    assert instance_types.refusal(name) is None
    assert instance_types.instance_type(name).price_usd_per_hour is not None
