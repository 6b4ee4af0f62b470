"""`managed = False` comes into the Meta of the classes that are named, and nothing else changes."""

import ast
from textwrap import dedent

import pytest

from strangler_codemods.unmanaged import unmanaged

CASES = {
    "a Meta of its own": (
        """
        class Tag(models.Model):
            name = models.TextField()  # kept

            class Meta:
                ordering = ["name"]

            def __str__(self):
                return self.name
        """,
        """
        class Tag(models.Model):
            name = models.TextField()  # kept

            class Meta:
                ordering = ["name"]
                managed = False

            def __str__(self):
                return self.name
        """,
    ),
    "no Meta": (
        """
        class Tag(models.Model):
            name = models.TextField()
        """,
        """
        class Tag(models.Model):
            name = models.TextField()

            class Meta:
                managed = False
        """,
    ),
    "a Meta that says otherwise": (
        """
        class Tag(models.Model):
            class Meta:
                managed = True
                ordering = ["name"]
        """,
        """
        class Tag(models.Model):
            class Meta:
                ordering = ["name"]
                managed = False
        """,
    ),
    "an empty Meta": (
        """
        class Tag(models.Model):
            class Meta(Named.Meta):
                pass
        """,
        """
        class Tag(models.Model):
            class Meta(Named.Meta):
                managed = False
        """,
    ),
    "a Meta on one line": (
        """
        class Tag(models.Model):
            class Meta: ordering = ["name"]
        """,
        """
        class Tag(models.Model):
            class Meta:
                ordering = ["name"]
                managed = False
        """,
    ),
    "others": (
        """
        class Other(models.Model):
            class Tag:
                pass
        """,
        None,
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_the_class_is_unmanaged(case: str) -> None:
    before, after = (dedent(text).lstrip() if text else None for text in CASES[case])
    assert before is not None
    code, left = unmanaged(before, {"Tag": None})
    ast.parse(code)
    assert code == (after or before)
    assert left == ([] if after else ["Tag"])


def test_a_meta_goes_on_with_the_one_that_was_inherited() -> None:
    before = "class Tag(Plain, base.Named):\n    name = 1\n"
    code, _ = unmanaged(before, {"Tag": 1})
    assert code == f"{before}\n    class Meta(base.Named.Meta):\n        managed = False\n"


def test_a_second_time_nothing_changes() -> None:
    once, _ = unmanaged("class Tag(models.Model):\n    pass\n", {"Tag": None})
    assert unmanaged(once, {"Tag": None}) == (once, [])
