"""Methods of serializers that DRF calls and that no rule carries: what they shape, show or store."""

SHAPE = frozenset(
    [
        "__init__",
        "__new__",
        "get_fields",
        "get_field_names",
        "build_field",
        "build_standard_field",
        "build_relational_field",
        "build_nested_field",
        "build_property_field",
        "get_extra_kwargs",
        "fields",
        "bind",
        "many_init",
    ]
)
READING = frozenset(
    ["to_representation", "data", "get_attribute", "_readable_fields", "__iter__", "__getitem__"]
)
WRITING = frozenset(
    [
        "to_internal_value",
        "run_validation",
        "run_validators",
        "validate_empty_values",
        "is_valid",
        "get_value",
        "get_validators",
        "get_unique_together_validators",
        "get_initial",
        "get_default",
        "get_uniqueness_extra_kwargs",
        "_writable_fields",
        "validated_data",
        "errors",
        "include_extra_kwargs",
    ]
)
