"""What becomes of serializer fields: their annotations, or the reason they have none."""

import pytest

from tests.codemods.project import Converted, legacy_project

MODELS = """
from django.core.files.storage import FileSystemStorage
from django.core.validators import RegexValidator
from django.db import models


class Thing(models.Model):
    name = models.CharField(max_length=30)
    count = models.IntegerField(default=0)
    price = models.DecimalField(max_digits=8, decimal_places=3)
    at = models.DateTimeField(null=True)
    day = models.DateField(null=True)
    span = models.DurationField(null=True)
    flag = models.BooleanField(default=False)
    extra = models.JSONField(default=dict)
    doc = models.FileField(upload_to="d")
    away = models.FileField(storage=FileSystemStorage(base_url="https://files.example/"))
    kind = models.CharField(max_length=2, choices=[("a", "Aaa")])
    slug = models.SlugField(validators=[RegexValidator("^[a-z]", "a letter")])
    parent = models.ForeignKey("self", null=True, on_delete=models.SET_NULL)
    other = models.ForeignKey("Other", null=True, on_delete=models.SET_NULL)


class Other(models.Model):
    name = models.CharField(max_length=30)
"""

#: Name of the field, its declaration (empty: as the model has it), and the two annotations.
CONVERTED = [
    (
        "span",
        "s.DurationField(max_value=datetime.timedelta(days=2, seconds=5))",
        "",
        "Duration(max_value=timedelta(days=2, seconds=5))",
    ),
    ("at", "s.DateTimeField(format=None)", "Timestamp(None)", "DateTime()"),
    ("at", "s.DateTimeField(format='%Y')", "Timestamp('%Y')", "DateTime()"),
    (
        "at",
        "s.DateTimeField(default_timezone=zoneinfo.ZoneInfo('Asia/Tokyo'))",
        "Timestamp(timezone='Asia/Tokyo')",
        "DateTime(timezone='Asia/Tokyo')",
    ),
    ("day", "s.DateField(input_formats=['%d.%m.%Y'])", "", "Date(input_formats=('%d.%m.%Y',))"),
    ("price", "s.DecimalField(8, None)", "Decimals(None,", "Number(max_digits=8, decimal_places=None"),
    ("price", "s.DecimalField(8, 3, coerce_to_string=False)", "as_text=False", ""),
    (
        "price",
        "s.DecimalField(8, 3, min_value=decimal.Decimal('0.5'))",
        "",
        "min_value=Decimal('0.5')",
    ),
    ("name", "s.RegexField(r'^\\d+$')", "name: str", "Pattern(r'^\\d+$')"),
    ("name", "s.CharField(error_messages={'blank': 'no'})", "", "messages={'blank': 'no'}"),
    ("slug", "", "", "validators=(RegexValidator('^[a-z]', message='a letter'),)"),
    (
        "name",
        "s.CharField(validators=[UnicodeUsernameValidator()])",
        "",
        "r'^[\\w.@+-]+\\Z',",
    ),
    ("count", "s.ChoiceField([('1', 'x')], read_only=True)", "ChoiceOut(['1'])", ""),
    ("kind", "", "kind: str", "Choice(('a',))"),
    (
        "extra",
        "s.ListField(child=s.IntegerField(min_value=3), max_length=2)",
        "list[int]",
        "ListOf(Integer(min_value=3), max_length=2)",
    ),
    ("extra", "s.DictField(child=s.CharField())", "dict[str, str]", "DictOf(Char())"),
    (
        "parent",
        "s.PrimaryKeyRelatedField(queryset=Thing.objects.all(), error_messages={'null': 'no'})",
        "PrimaryKey()",
        "Existing(Thing, messages={'null': 'no'})",
    ),
    ("doc", "s.FileField(use_url=False, read_only=True)", "FileUrl(use_url=False)", ""),
]  # fmt: skip

REFUSED = [
    ("at", "s.DateTimeField(default_timezone=datetime.timezone(datetime.timedelta(hours=2)))", "S106"),
    ("extra", "s.JSONField(binary=True)", "S106"),
    ("price", "s.DecimalField(8, 3, localize=True)", "S106"),
    ("parent", "s.PrimaryKeyRelatedField(queryset=Thing.objects.all(), pk_field=s.CharField())", "S106"),
    ("extra", "s.ListField(child=s.DateField())", "S109"),
    ("extra", "s.MultipleChoiceField(choices=['a'])", "S109"),
    ("parent", "s.PrimaryKeyRelatedField(queryset=Thing.objects.all(), validators=[odd])", "S112"),
    ("at", "s.DateField(read_only=True)", "S109"),
    ("doc", "s.CharField(read_only=True)", "S109"),
    ("doc", "s.ReadOnlyField()", "S109"),
    ("name", "s.PrimaryKeyRelatedField(read_only=True)", "S102"),
    ("count", "s.CharField()", "S109"),
    ("price", "s.FloatField()", "S109"),
    ("flag", "s.IntegerField()", "S109"),
    ("name", "s.ChoiceField(['a', 1])", "S109"),
    ("other", "s.PrimaryKeyRelatedField(queryset=Thing.objects.all())", "S109"),
    ("parent", "s.SlugRelatedField('parent', queryset=Thing.objects.all())", "S107"),
    ("slug", "s.SlugField(validators=[EmailValidator(allowlist=['b'])])", "S112"),
    ("name", "s.EmailField(validators=[EmailValidator(allowlist=['a'])])", "S112"),
    ("name", "s.RegexField(re.compile('a', re.I))", "S112"),
    ("away", "s.FileField(read_only=True)", "S118"),
    ("above", "s.CharField(source='parent.name', read_only=True, default=str)", "S113"),
]  # fmt: skip

SERIALIZER = """
class {name}Serializer(s.ModelSerializer):
    {declared}

    class Meta:
        model = Thing
        fields = ["id", "{field}"]


class {name}(viewsets.ModelViewSet):
    queryset = Thing.objects.order_by("id")
    serializer_class = {name}Serializer


"""


@pytest.fixture(scope="module")
def things(tmp_path_factory: pytest.TempPathFactory) -> Converted:
    views = (
        "import datetime\nimport decimal\nimport re\nimport zoneinfo\n\n"
        "from django.contrib.auth.validators import UnicodeUsernameValidator\n"
        "from django.core.validators import EmailValidator, validate_email\n"
        "from rest_framework import serializers as s, viewsets\n\nfrom .models import Thing\n\n"
        "def odd(value):\n    if '3' in str(value):\n        raise s.ValidationError('odd')\n\n"
    )
    urls = (
        "from django.urls import include, path\nfrom rest_framework.routers import SimpleRouter\n"
        "from things import views\n\nrouter = SimpleRouter()\n"
    )
    rows = [(f"Good{n}", *row[:2]) for n, row in enumerate(CONVERTED)]
    rows += [(f"Bad{n}", *row[:2]) for n, row in enumerate(REFUSED)]
    for name, field, text in rows:
        declared = f"{field} = {text}" if text else '"""As the model has it."""'
        views += SERIALIZER.format(name=name, field=field, declared=declared)
        urls += f'router.register("{name.lower()}", views.{name}, basename="{name.lower()}")\n'
    urls += 'urlpatterns = [path("api/", include(router.urls))]\n'
    files = {"things/models.py": MODELS, "things/views.py": views, "urls.py": urls}
    settings = 'MEDIA_URL = "/media/"\n'
    return legacy_project(tmp_path_factory.mktemp("things"), files, settings=settings).convert()


@pytest.mark.parametrize("number", range(len(CONVERTED)))
def test_arguments_reach_the_schemas(number: int, things: Converted) -> None:
    field, declared, shown, taken = CONVERTED[number]
    endpoint = f"/api/good{number}/"
    read_only = "read_only" in declared
    assert things.reasons(f"GET {endpoint}") == []
    assert things.reasons(f"POST {endpoint}") == []
    read = things.function("app.things.schemas", f"Good{number}Read").replace('"', "'")
    write = things.function("app.things.schemas", f"Good{number}Write").replace('"', "'")
    assert shown in read
    assert f" {field}: " in read
    assert taken in write
    assert read_only == (f" {field}: " not in write)


@pytest.mark.parametrize("number", range(len(REFUSED)))
def test_what_has_no_rule_stays_on_legacy(number: int, things: Converted) -> None:
    field, declared, code = REFUSED[number]
    wanted = (code, f"{field} = {declared}")
    method = "GET" if "read_only" in declared or "ReadOnly" in declared else "POST"
    assert things.refusal(f"{method} /api/bad{number}/") == wanted
