"""How an update changes what a version keeps: one by one, by name, or as a whole."""

from endpoints.package_members import merged

KEPT = {
    "CustomerMetadataProperties": {"team": "red", "stage": "one"},
    "AdditionalInferenceSpecifications": [{"Name": "small"}, {"Name": "large", "Description": "a"}],
    "SourceUri": "s3://old",
}


def test_other_members_are_replaced_and_new_ones_added() -> None:
    found = merged(KEPT, {"SourceUri": "s3://new", "ModelLifeCycle": {"Stage": "s"}})
    assert found == {**KEPT, "SourceUri": "s3://new", "ModelLifeCycle": {"Stage": "s"}}


def test_properties_are_set_one_by_one() -> None:
    found = merged(KEPT, {"CustomerMetadataProperties": {"stage": "two", "owner": "ann"}})
    assert found["CustomerMetadataProperties"] == {"team": "red", "stage": "two", "owner": "ann"}


def test_properties_are_removed_by_their_names_and_unknown_names_forgiven() -> None:
    found = merged(KEPT, {"CustomerMetadataPropertiesToRemove": ["team", "nothing"]})
    assert found["CustomerMetadataProperties"] == {"stage": "one"}
    assert "CustomerMetadataPropertiesToRemove" not in found


def test_specifications_are_added_and_replaced_by_name() -> None:
    added = [{"Name": "large", "Description": "b"}, {"Name": "huge"}]
    found = merged(KEPT, {"AdditionalInferenceSpecificationsToAdd": added})
    assert found["AdditionalInferenceSpecifications"] == [{"Name": "small"}, *added]
    assert "AdditionalInferenceSpecificationsToAdd" not in found


def test_what_was_kept_stays_as_it_is() -> None:
    kept = {"CustomerMetadataProperties": {"team": "red"}}
    merged(kept, {"CustomerMetadataProperties": {"team": "blue"}})
    assert kept == {"CustomerMetadataProperties": {"team": "red"}}


def test_nothing_given_changes_nothing() -> None:
    assert merged(KEPT, {}) == KEPT
    assert merged({}, {}) == {}
