"""Makes a Django project of the pairs: a function for each, and a view that calls it."""

import shutil
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

_HERE = Path(__file__).parent
_HEADER = """
import datetime
import operator
from decimal import Decimal
from functools import reduce
from operator import or_

from django.db import transaction
from django.db.models import (
    Avg, Case, CharField, Count, DecimalField, Exists, ExpressionWrapper, F, FloatField, Func,
    IntegerField, Max, Min, OuterRef, Prefetch, Q, StdDev, Subquery, Sum, Value, When, Window,
)
from django.db.models.functions import (
    Abs, Cast, Ceil, Coalesce, Concat, ExtractYear, Floor, Greatest, Least, Left, Length, Lower,
    LTrim, Now, NullIf, Replace, Right, Round, RowNumber, RTrim, StrIndex, Substr, Trim, TruncDate,
    TruncDay, TruncMonth, TruncYear, Upper,
)
from django.shortcuts import get_object_or_404

from library.models import (
    Author, Book, Club, Membership, Note, Profile, Publisher, Review, Shelf, Tag,
)
"""


@dataclass(frozen=True)
class Pair:
    """One query of Django's: its text, and the code that must refuse it where it may not convert.

    `refused_on`: the same for one kind of database only.
    """

    section: str
    number: int
    text: str
    refused: str | None
    only: str | None = None
    refused_on: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Its function."""
        return f"{self.section}_{self.number:03}"

    @property
    def function(self) -> str:
        """The function as source."""
        lines = self.text.strip("\n").split("\n")
        if len(lines) == 1 and not lines[0].startswith("return "):
            lines = [f"return {lines[0]}"]
        return f"def {self.name}():\n{textwrap.indent(chr(10).join(lines), '    ')}\n"


def pairs() -> list[Pair]:
    """All pairs: paragraphs of `pairs/*.txt`, numbered within their section.

    A line of several stands alone where it is an expression and no paragraph of statements; `# refused
    CODE` before it says that it must stay on Django, `# postgresql` that only that database knows it, `#
    mariadb CODE` that it must stay there on Django.
    """
    found = []
    for place in sorted((_HERE / "pairs").glob("*.txt")):
        number = 0
        for paragraph in place.read_text(encoding="utf-8").split("\n\n"):
            refused = only = None
            refused_on, lines = {}, []
            for line in paragraph.strip("\n").split("\n"):
                if line.startswith("# refused "):
                    refused = line.removeprefix("# refused ")
                elif line.startswith("# postgresql"):
                    only = "postgresql"
                elif line.startswith("# mariadb "):
                    refused_on["mariadb"] = line.removeprefix("# mariadb ")
                elif not line.startswith("#"):
                    lines.append(line)
            if lines != [""] and lines:
                number += 1
                found.append(Pair(place.stem, number, "\n".join(lines), refused, only, refused_on))
    return found


def make_project(root: Path, wanted: list[Pair]) -> None:
    """Write the project at `root`; what is there goes."""
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(_HERE / "project", root, ignore=shutil.ignore_patterns("__pycache__"))
    views = [
        "from rest_framework.response import Response",
        "from rest_framework.views import APIView",
    ]
    urls = ["from django.urls import path", "from library import views", "urlpatterns = ["]
    for section in sorted({pair.section for pair in wanted}):
        inside = [pair for pair in wanted if pair.section == section]
        text = "\n\n".join([_HEADER, *(pair.function for pair in inside)])
        (root / "library" / f"{section}.py").write_text(text, encoding="utf-8")
        views.append(f"from library import {section}")
    for pair in wanted:
        views += [
            f"class {_class(pair)}(APIView):",
            "    def get(self, request):",
            f"        {pair.section}.{pair.name}()",
            "        return Response({})",
        ]
        urls.append(f"    path('{pair.name}/', views.{_class(pair)}.as_view()),")
    (root / "library" / "views.py").write_text("\n".join(views) + "\n", encoding="utf-8")
    (root / "urls.py").write_text("\n".join([*urls, "]"]) + "\n", encoding="utf-8")


def _class(pair: Pair) -> str:
    return "".join(part.title() for part in pair.name.split("_"))
