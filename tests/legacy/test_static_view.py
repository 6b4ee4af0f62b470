"""What sources alone tell."""

from strangler.legacy.static_view import static_view

FILES = {
    "zoo/models.py": """
from django.db import models
class Dated(models.Model):
    class Meta:
        abstract = True
class Animal(Dated): ...
class Bird(Animal): ...
class Helper: ...
""",
    "zoo/api.py": """
from rest_framework import generics, serializers, viewsets
from rest_framework.decorators import api_view
class AnimalSerializer(serializers.ModelSerializer): ...
class Short(AnimalSerializer): ...
class Base(viewsets.ModelViewSet): ...
class Animals(Base): ...
class Listing(generics.ListAPIView): ...
@api_view(["GET"])
def figures(request): ...
def helper(request): ...
""",
    "zoo/migrations/0001_initial.py": "class Old(models.Model): ...",
    "zoo/broken.py": "x = 1\ndef broken(:\n",
    "zoo/old.py": "print 'python 2'\n",
}


def test_classes_are_sorted_by_the_names_of_their_bases() -> None:
    """Through inheritance, abstract models left out."""
    found = static_view(FILES)
    assert [each.name for each in found.models] == ["Animal", "Bird"]
    assert [each.name for each in found.serializers] == ["AnimalSerializer", "Short"]
    assert [each.name for each in found.views] == ["Base", "Animals", "Listing", "figures"]
    assert found.models[0].source == "zoo/models.py:6"


def test_files_that_do_not_parse_are_listed_with_their_line() -> None:
    """The others are read all the same."""
    assert [source for source, _ in static_view(FILES).skipped] == [
        "zoo/broken.py:2",
        "zoo/old.py:1",
    ]


def test_a_class_that_inherits_from_itself_ends() -> None:
    """Names may go round in circles across files."""
    files = {"a.py": "class A(B): ...\n", "b.py": "class B(A): ...\n"}
    assert static_view(files).models == []
