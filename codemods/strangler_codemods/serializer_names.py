"""The names that DRF gives meaning to on a serializer."""

#: What DRF's serializers have.
_OF_DRF = frozenset(
    [
        *(
            "allow_null",
            "child",
            "context",
            "data",
            "default",
            "error_messages",
            "errors",
            "fields",
        ),
        *(
            "field_name",
            "help_text",
            "initial",
            "initial_data",
            "instance",
            "label",
            "many",
            "parent",
        ),
        *("partial", "read_only", "required", "root", "save", "source", "style", "validated_data"),
        *("validators", "write_only", "Meta", "create", "update", "validate", "bind", "fail"),
    ]
)
_PRIVATE = frozenset(
    [
        *("_args", "_choices", "_context", "_creation_counter", "_data", "_declared_fields"),
        *("_errors", "_field", "_kwargs", "_readable_fields", "_read_only_defaults"),
        *("_validated_data", "_validators", "_view", "_writable_fields"),
    ]
)
_PREFIXES = (
    *("get_", "to_", "run_", "is_", "many_", "default_", "serializer_", "validate_", "build_"),
    *("_get_", "include_", "url_", "allow_", "raise_"),
)


def is_free(name: str) -> bool:
    """Whether DRF neither reads nor sets an attribute of that name."""
    return not (name in _OF_DRF or name in _PRIVATE or name.startswith(("__", *_PREFIXES)))
