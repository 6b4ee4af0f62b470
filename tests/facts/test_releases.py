import pytest

from strangler.facts import Legacy, release


@pytest.mark.parametrize(
    ("text", "parts", "numbers"),
    [
        ("5.2.19", 2, (5, 2)),
        ("5.2rc1", 2, (5, 2)),
        ("6.1.dev20260101", 2, (6, 1)),
        ("3.0b2.post1", 3, (3, 0, 0)),
        ("6", 2, (6, 0)),
        ("", 2, (0, 0)),
        (None, 3, (0, 0, 0)),
    ],
)
def test_versions_are_numbers_whatever_follows_them(
    text: str | None, parts: int, numbers: tuple[int, ...]
) -> None:
    assert release(text, parts) == numbers


def test_packages_are_found_however_their_names_are_written() -> None:
    legacy = Legacy(python="3.8", django="4.2", packages={"Django_Filter": "23.1"})
    assert legacy.package("django-filter") == "23.1"
    assert legacy.package("pyjwt") is None
