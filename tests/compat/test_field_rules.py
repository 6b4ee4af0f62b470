"""All validators of a field are heard, whichever of the two errors they raise."""

from typing import Any

import pytest

from strangler.compat.cleaning import FieldRules, _run_validators
from strangler.compat.errors import InvalidValueError, ValidationError


def drf(value: Any) -> None:
    raise ValidationError("no")


def django(value: Any) -> None:
    raise InvalidValueError("never")


@pytest.mark.parametrize("validators", [(drf, django), (django, drf)])
def test_what_all_validators_say_is_collected(validators: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        _run_validators(1, FieldRules("size", validators=validators))
    assert sorted(map(str, caught.value.detail)) == ["never", "no"]
