"""What UpdateModelPackage does to the members that a version keeps as they came. Pure."""

from collections.abc import Mapping
from typing import Any, Final

_PROPERTIES: Final = "CustomerMetadataProperties"
_REMOVED: Final = "CustomerMetadataPropertiesToRemove"
_ADDED: Final = "AdditionalInferenceSpecificationsToAdd"
_SPECIFICATIONS: Final = "AdditionalInferenceSpecifications"


def merged(kept: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Properties are set and removed one by one, specifications are added by name, every other
    member is replaced."""
    plain = {k: v for k, v in given.items() if k not in (_PROPERTIES, _REMOVED, _ADDED)}
    found = {**kept, **plain}
    if _PROPERTIES in given or _REMOVED in given:
        properties = {**kept.get(_PROPERTIES, {}), **given.get(_PROPERTIES, {})}
        gone = set(given.get(_REMOVED, ()))
        found[_PROPERTIES] = {k: v for k, v in properties.items() if k not in gone}
    if _ADDED in given:
        by_name = {each["Name"]: each for each in kept.get(_SPECIFICATIONS, ())}
        by_name |= {each["Name"]: each for each in given[_ADDED]}
        found[_SPECIFICATIONS] = list(by_name.values())
    return found
