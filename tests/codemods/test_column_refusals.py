"""A column whose field class has no rule stays on Django; what leaves it alone converts."""

from pathlib import Path

import pytest

from tests.codemods.project import Converted, legacy_project

MODELS = """
from django.db import models


class Number:
    def __init__(self, text):
        self.text = text


class Attribute:
    def __init__(self, field):
        self.field = field

    def __get__(self, row, owner=None):
        return self if row is None else Number(row.__dict__[self.field.name])

    def __set__(self, row, value):
        row.__dict__[self.field.name] = str(value)


class NumberField(models.CharField):
    def contribute_to_class(self, cls, name, **options):
        super().contribute_to_class(cls, name, **options)
        setattr(cls, name, Attribute(self))


class Noting(models.CharField):
    def contribute_to_class(self, cls, name, **options):
        super().contribute_to_class(cls, name, **options)
        cls._noted = name

    def get_internal_type(self):
        return "CharField"


class Drawn(models.CharField):
    def get_default(self):
        return "drawn"


class Contact(models.Model):
    name = models.CharField(max_length=9)
    number = NumberField(max_length=9, default="1")

    def __str__(self):
        return f"{self.name} {self.number}"

    def label(self):
        return f"{self.name} {self.number.text}"


class Customer(Contact):
    since = models.IntegerField(default=0)


class Keyed(models.Model):
    number = NumberField(max_length=9, primary_key=True)


class Called(models.Model):
    number = NumberField(max_length=9, unique=True)


class Call(models.Model):
    to = models.ForeignKey(Called, models.CASCADE, to_field="number")


class Noted(models.Model):
    name = Noting(max_length=9)


class Prize(models.Model):
    name = Drawn(max_length=9)
"""

VIEWS = """
from rest_framework import generics, serializers, viewsets
from rest_framework.response import Response
from rest_framework.views import APIView

from .models import Called, Contact, Customer, Keyed, Noted, Prize



class NameSerializer(serializers.ModelSerializer):
    class Meta:
        model = Contact
        fields = ["id", "name"]


class WholeSerializer(serializers.ModelSerializer):
    class Meta:
        model = Contact
        fields = "__all__"


class TextSerializer(serializers.ModelSerializer):
    text = serializers.CharField(source="__str__")

    class Meta:
        model = Contact
        fields = ["id", "text"]


class LabelSerializer(serializers.ModelSerializer):
    class Meta:
        model = Contact
        fields = ["id", "label"]


class CustomerSerializer(serializers.ModelSerializer):
    class Meta:
        model = Customer
        fields = ["id", "name", "since"]


class KeyedSerializer(serializers.ModelSerializer):
    class Meta:
        model = Keyed
        fields = ["pk"]


class CalledSerializer(serializers.ModelSerializer):
    class Meta:
        model = Called
        fields = ["id"]


class NotedSerializer(serializers.ModelSerializer):
    class Meta:
        model = Noted
        fields = ["id", "name"]


class PrizeSerializer(serializers.ModelSerializer):
    class Meta:
        model = Prize
        fields = ["id", "name"]


class Names(viewsets.ModelViewSet):
    queryset = Contact.objects.all()
    serializer_class = NameSerializer


class Wholes(viewsets.ModelViewSet):
    queryset = Contact.objects.all()
    serializer_class = WholeSerializer


class Texts(generics.ListAPIView):
    queryset = Contact.objects.all()
    serializer_class = TextSerializer


class Labels(generics.ListAPIView):
    queryset = Contact.objects.all()
    serializer_class = LabelSerializer


class Found(generics.ListAPIView):
    queryset = Contact.objects.filter(number="1")
    serializer_class = NameSerializer


class Sorted(generics.ListAPIView):
    queryset = Contact.objects.order_by("number")
    serializer_class = NameSerializer


class ByNumber(generics.RetrieveAPIView):
    queryset = Contact.objects.all()
    serializer_class = NameSerializer
    lookup_field = "number"


class Values(APIView):
    def get(self, request):
        return Response(list(Contact.objects.values()))


class Some(APIView):
    def get(self, request):
        return Response(list(Contact.objects.values("id", "name")))


class Asked(APIView):
    def get(self, request):
        return Response([bool(one.number) for one in Contact.objects.all()])


class Counted(APIView):
    def get(self, request):
        return Response({"count": Contact.objects.count()})


class Set(APIView):
    def post(self, request):
        Contact.objects.update(number="2")
        return Response({})


class Renamed(APIView):
    def post(self, request):
        Contact.objects.update(name="x")
        return Response({})


class Customers(viewsets.ModelViewSet):
    queryset = Customer.objects.all()
    serializer_class = CustomerSerializer


class Keys(viewsets.ModelViewSet):
    queryset = Keyed.objects.all()
    serializer_class = KeyedSerializer


class Calleds(viewsets.ModelViewSet):
    queryset = Called.objects.all()
    serializer_class = CalledSerializer


class Noteds(viewsets.ModelViewSet):
    queryset = Noted.objects.all()
    serializer_class = NotedSerializer


class Prizes(viewsets.ModelViewSet):
    queryset = Prize.objects.all()
    serializer_class = PrizeSerializer
"""

URLS = """
from django.urls import include, path
from rest_framework import routers

from book import views

router = routers.SimpleRouter()
for name in ("Names", "Wholes", "Customers", "Keys", "Calleds", "Noteds", "Prizes"):
    router.register(name.lower(), getattr(views, name), basename=name.lower())
urlpatterns = [path("", include(router.urls)), path("by/<number>/", views.ByNumber.as_view())]
for name in ("Texts", "Labels", "Found", "Sorted", "Values", "Some", "Asked", "Counted", "Set", "Renamed"):
    urlpatterns.append(path(f"{name.lower()}/", getattr(views, name).as_view()))
"""


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Converted:
    files = {"book/models.py": MODELS, "book/views.py": VIEWS, "urls.py": URLS}
    return legacy_project(tmp_path_factory.mktemp("book"), files).convert()


@pytest.mark.parametrize(
    "endpoint",
    [
        "GET /names/", "GET /names/{pk}/", "DELETE /names/{pk}/", "DELETE /wholes/{pk}/",
        "GET /some/", "GET /counted/", "POST /renamed/", "GET /customers/", "GET /customers/{pk}/",
    ],
)  # fmt: skip
def test_what_leaves_the_column_alone_converts(endpoint: str, book: Converted) -> None:
    assert book.reasons(endpoint) == []


@pytest.mark.parametrize(
    "endpoint",
    [
        "GET /wholes/", "GET /wholes/{pk}/", "POST /wholes/", "GET /texts/", "GET /labels/",
        "GET /found/", "GET /sorted/", "GET /by/{number}/", "GET /values/", "GET /asked/",
        "POST /set/",
    ],
)  # fmt: skip
def test_what_touches_the_column_stays(endpoint: str, book: Converted) -> None:
    assert book.codes(endpoint) == ["M105"]


@pytest.mark.parametrize("name", ["names", "customers"])
def test_rows_with_such_a_column_are_not_saved(name: str, book: Converted) -> None:
    assert book.codes(f"POST /{name}/") == ["Q113"]
    assert book.codes(f"PATCH /{name}/{{pk}}/") == ["Q113"]


@pytest.mark.parametrize("name", ["keys", "calleds"])
def test_rows_that_are_found_by_such_a_column_stay(name: str, book: Converted) -> None:
    assert book.codes(f"GET /{name}/") == ["M105"]


def test_the_ledger_says_which_models_are_not_all_there(book: Converted) -> None:
    models = book.conversion.models
    status = {name.removeprefix("book."): models[name].status for name in models if "book" in name}
    assert status == {
        "Contact": "legacy", "Customer": "legacy", "Keyed": "legacy", "Called": "legacy",
        "Call": "legacy", "Noted": "converted", "Prize": "legacy",
    }  # fmt: skip
    assert {reason.code for reason in models["book.Customer"].reasons} == {"M105"}
    assert models["book.Customer"].columns == models["book.Contact"].columns == ("number",)
    assert models["book.Keyed"].columns == ()


def test_a_class_that_leaves_djangos_attribute_there_is_like_any_other(book: Converted) -> None:
    assert book.reasons("GET /noteds/") == []
    assert book.reasons("POST /noteds/") == []


def test_rows_with_a_default_of_the_class_itself_are_read_not_made(book: Converted) -> None:
    assert book.reasons("GET /prizes/") == []
    assert book.codes("POST /prizes/") == ["Q113"]
    prize = book.conversion.models["book.Prize"]
    assert ([reason.code for reason in prize.reasons], prize.columns) == (["M109"], ("name",))


def test_the_column_has_its_place_in_the_table(book: Converted, tmp_path: Path) -> None:
    assert "number: Mapped[str] = mapped_column(String(9)" in book.function(
        "app.book.models", "Contact"
    )
