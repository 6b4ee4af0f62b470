"""Models with every field class and every option that has a side in the database."""

MODELS = """
import datetime
import decimal
import uuid

from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import F, Q
from django.db.models.fields.related import RelatedField, lazy_related_operation
from django.db.models.functions import Lower, Now


def number():
    return 7


class Fields(models.Model):
    big = models.BigIntegerField(default=2**40)
    blob = models.BinaryField(null=True)
    flag = models.BooleanField(default=True)
    maybe = models.BooleanField(null=True)
    char = models.CharField(max_length=30, default="a", db_index=True)
    day = models.DateField(default=datetime.date(2020, 2, 29))
    at = models.DateTimeField(default=datetime.datetime.now)
    stamped = models.DateTimeField(auto_now_add=True)
    changed = models.DateTimeField(auto_now=True)
    price = models.DecimalField(max_digits=9, decimal_places=3, default=decimal.Decimal("1.5"))
    span = models.DurationField(default=datetime.timedelta(days=1, seconds=2))
    mail = models.EmailField(unique=True)
    file = models.FileField(upload_to="files")
    ratio = models.FloatField(default=0.1)
    ip = models.GenericIPAddressField(null=True)
    whole = models.IntegerField(default=number, db_column="Whole Number")
    doc = models.JSONField(default=dict)
    nothing = models.JSONField(null=True)
    positive = models.PositiveIntegerField(default=1)
    positive_big = models.PositiveBigIntegerField(default=1)
    positive_small = models.PositiveSmallIntegerField(default=1)
    slug = models.SlugField()
    small = models.SmallIntegerField(default=-1)
    body = models.TextField(db_index=True)
    clock = models.TimeField(default=datetime.time(1, 2, 3, 4))
    link = models.URLField(unique=True)
    key = models.UUIDField(default=uuid.uuid4, unique=True)


class OfDatabase(models.Model):
    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=20)
    lower = models.GeneratedField(
        expression=Lower("name"), output_field=models.CharField(max_length=20), db_persist=True
    )
    count = models.IntegerField(db_default=3)
    ratio = models.FloatField(db_default=1.5)
    text = models.CharField(max_length=9, db_default="it's")
    at = models.DateTimeField(db_default=Now())
    sorted = models.CharField(max_length=9, db_collation="{collation}")


class Small(models.Model):
    id = models.SmallAutoField(primary_key=True)


class Named(models.Model):
    name = models.SlugField(primary_key=True)
    code = models.PositiveIntegerField(unique=True)


class Pair(models.Model):
    pk = models.CompositePrimaryKey("second", "first")
    first = models.IntegerField()
    second = models.ForeignKey(Small, on_delete=models.CASCADE)


class Hidden(models.Model):
    bool = models.BooleanField()
    str = models.CharField(max_length=3)
    other = models.BooleanField(default=False)
    Mapped = models.CharField(max_length=3)
    text = models.TextField(db_default="x")


class Relations(models.Model):
    named = models.ForeignKey(Named, on_delete=models.CASCADE)
    by_code = models.ForeignKey(
        Named, on_delete=models.SET_NULL, to_field="code", null=True, related_name="coded"
    )
    once = models.OneToOneField(Small, on_delete=models.PROTECT, null=True)
    parent = models.ForeignKey("self", on_delete=models.CASCADE, null=True, related_name="below")
    free = models.ForeignKey(Small, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+")
    plain = models.ForeignKey(Fields, on_delete=models.RESTRICT, db_index=False, null=True)
    others = models.ManyToManyField("self")
    followed = models.ManyToManyField("self", symmetrical=False, related_name="followers")
    small = models.ManyToManyField(Small, db_table="of_small", related_name="related_%(class)s")
    linked = models.ManyToManyField(
        Named, through="Link", through_fields=("relations", "named"), related_name="linked"
    )


class Link(models.Model):
    relations = models.ForeignKey(Relations, on_delete=models.CASCADE)
    named = models.ForeignKey(Named, on_delete=models.CASCADE)
    second = models.ForeignKey(Named, on_delete=models.CASCADE, related_name="+")


class Meeting(models.Model):
    place = models.ForeignKey(Small, on_delete=models.CASCADE)


class Party(Meeting):
    guest = models.ForeignKey(Named, on_delete=models.CASCADE)


Small.add_to_class(
    "guests", models.ManyToManyField(Named, through=Party, through_fields=("place", "guest"))
)
Small.add_to_class("spaced", models.ManyToManyField(Named, db_table="with space", related_name="+"))


class Abstract(models.Model):
    title = models.CharField(max_length=9)
    owner = models.ForeignKey(Small, on_delete=models.CASCADE, related_name="%(class)s_owned")

    class Meta:
        abstract = True
        constraints = [models.UniqueConstraint(fields=["title"], name="%(class)s_title")]


class Leaf(Abstract):
    pass


class Parent(models.Model):
    title = models.CharField(max_length=9)
    owner = models.ForeignKey(Small, on_delete=models.CASCADE, related_name="+")
    note = models.TextField()


class Child(Parent):
    second = models.ForeignKey(Parent, on_delete=models.CASCADE, related_name="seconds", null=True)


class ProxyParent(Parent):
    class Meta:
        proxy = True


class ToProxy(models.Model):
    parent = models.ForeignKey(ProxyParent, on_delete=models.CASCADE)


class Other(models.Model):
    other_id = models.AutoField(primary_key=True)


class Both(Parent, Other):
    pass


class Keyed(Parent, Other):
    key = models.AutoField(primary_key=True)


class Tag(models.Model):
    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE)
    object_id = models.PositiveIntegerField()
    about = GenericForeignKey()


class Tagged(models.Model):
    tags = GenericRelation(Tag)


class Turned(models.CharField):
    def from_db_value(self, value, expression, connection):
        return "".join(reversed(value or ""))

    def get_prep_value(self, value):
        return "".join(reversed(super().get_prep_value(value) or "")) or None


class LongTurned(models.TextField):
    def get_prep_value(self, value):
        return super().get_prep_value(value) or None


class OwnTexts(models.Model):
    long = LongTurned(null=True)
    value = Turned(max_length=9, null=True)
    key = Turned(max_length=9, unique=True, null=True)


class Late(models.CharField):
    def pre_save(self, instance, add):
        return super().pre_save(instance, add)


class Read(models.Model):
    value = Late(max_length=5)


class Elsewhere(models.CharField):
    def get_attname(self):
        return super().get_attname()


class Unruled(models.Model):
    value = Elsewhere(max_length=5)


class ToUnruled(models.Model):
    unruled = models.ForeignKey(Unruled, on_delete=models.CASCADE)


class Padded(models.CharField):
    def db_type(self, connection):
        return "char(%d)" % self.max_length


class Whole(models.DateTimeField):
    def db_type(self, connection):
        return {"postgresql": "timestamp(0)"}.get(connection.vendor, "timestamp")


class Same(models.CharField):
    def db_type(self, connection):
        return "enum" if connection.vendor == "mysql" else super().db_type(connection)


class Coded(models.Model):
    code = Padded(max_length=4, unique=True)
    number = models.PositiveIntegerField(default=1)


class OwnWords(models.Model):
    code = Padded(max_length=4, default="ab")
    at = Whole(null=True)
    same = Same(max_length=9, default="x")


class ToCoded(models.Model):
    coded = models.ForeignKey(Coded, models.CASCADE, to_field="code", null=True)


class Constrained(models.Model):
    a = models.IntegerField()
    b = models.IntegerField()
    name = models.CharField(max_length=20, db_comment="what it's called")
    parent = models.ForeignKey("self", on_delete=models.CASCADE, null=True)

    class Meta:
        db_table = "Con strained"
        db_table_comment = "a table: with a colon"
        unique_together = [("a", "b")]
        indexes = [
            models.Index(fields=["a", "-b"], name="two_ways"),
            models.Index(Lower("name"), F("a").desc(), name="over_expressions"),
            models.Index(fields=["b"], condition=Q(a__gt=3, name__startswith="x:y%"), name="some"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(a__lt=F("b")) | Q(name="50%:x"), name="ordered"),
            models.UniqueConstraint(fields=["name"], condition=Q(a=1), name="once"),
            models.UniqueConstraint(Lower("name"), "b", name="lower_once"),
        ]
        {extra}


class Ordered(models.Model):
    parent = models.ForeignKey(Parent, on_delete=models.CASCADE)

    class Meta:
        order_with_respect_to = "parent"


class Country(models.Model):
    name = models.CharField(max_length=9)


class Citizen(models.Model):
    country_id = models.IntegerField()
    country = models.ForeignObject(
        Country, from_fields=["country_id"], to_fields=["id"], on_delete=models.CASCADE
    )
    friends = models.ManyToManyField("self", through="Friendship", symmetrical=False)


class Friendship(models.Model):
    one_country = models.ForeignKey(Country, on_delete=models.CASCADE)
    one_id = models.IntegerField()
    other_country_id = models.IntegerField()
    other_id = models.IntegerField(null=True)
    one = models.ForeignObject(
        Citizen, from_fields=["one_country", "one_id"], to_fields=["country_id", "id"],
        on_delete=models.CASCADE, related_name="known_by",
    )
    other = models.ForeignObject(
        Citizen, from_fields=["other_country_id", "other_id"], to_fields=["country_id", "id"],
        on_delete=models.DO_NOTHING, related_name="+",
    )


class Conference(models.Model):
    called = models.ManyToManyField(
        Country, through="CalledDelegate", related_name="conferences_called"
    )


class Attending(models.Model):
    conference = models.ForeignKey(Conference, on_delete=models.CASCADE)


class Delegate(Attending):
    country = models.ForeignKey(Country, on_delete=models.CASCADE)


class CalledDelegate(Delegate):
    class Meta:
        proxy = True


class Word(models.Model):
    name = models.CharField(max_length=9)


class Labelling(models.Model):
    word = models.ForeignKey(Word, on_delete=models.CASCADE)
    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE)
    object_id = models.IntegerField()
    labelled = GenericForeignKey()


class Labels(RelatedField):
    many_to_many, many_to_one, one_to_many, one_to_one = True, False, False, False

    def __init__(self):
        rel = models.ManyToManyRel(self, "things.Word", through="things.Labelling")
        super().__init__(rel=rel, null=True, blank=True, serialize=False)

    def clone(self):
        return Labels()

    def get_internal_type(self):
        return "ManyToManyField"

    def db_type(self, connection):
        return None

    def contribute_to_class(self, cls, name):
        super().contribute_to_class(cls, name)
        lazy_related_operation(self.resolve, cls, self.remote_field.through)

    def resolve(self, model, through):
        self.remote_field.through = through

    def contribute_to_related_class(self, cls, related):
        pass


class Labelled(models.Model):
    labels = Labels()


def best():
    return Named.objects.get_or_create(name="best", code=99)[0]


def how_many():
    return Named.objects.count() + 1


class Asking(models.Model):
    named = models.ForeignKey(Named, on_delete=models.CASCADE, default=best)
    number = models.IntegerField(default=how_many)
    at = models.DateTimeField(default=Now)


class Unmanaged(models.Model):
    class Meta:
        managed = False
        db_table = "elsewhere"
"""

POSTGRES = """

from django.contrib.postgres import fields as of_postgres
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.indexes import BrinIndex, GinIndex, GistIndex, HashIndex, OpClass
from django.contrib.postgres.search import SearchVectorField


class OfPostgres(models.Model):
    numbers = of_postgres.ArrayField(models.IntegerField(), default=list)
    nested = of_postgres.ArrayField(of_postgres.ArrayField(models.CharField(max_length=5)), null=True)
    prices = of_postgres.ArrayField(models.DecimalField(max_digits=5, decimal_places=2), size=2)
    docs = of_postgres.ArrayField(models.JSONField(), null=True)
    store = of_postgres.HStoreField(null=True)
    ints = of_postgres.IntegerRangeField(null=True)
    bigs = of_postgres.BigIntegerRangeField(null=True)
    decimals = of_postgres.DecimalRangeField(null=True)
    days = of_postgres.DateRangeField(null=True)
    times = of_postgres.DateTimeRangeField(null=True)
    vector = SearchVectorField(null=True)
    name = models.CharField(max_length=20)

    class Meta:
        indexes = [
            GinIndex(fields=["numbers"], name="by_gin", fastupdate=False),
            GistIndex(fields=["days"], name="by_gist"),
            BrinIndex(fields=["id"], name="by_brin", pages_per_range=4),
            HashIndex(fields=["name"], name="by_hash"),
            GinIndex(OpClass(Lower("name"), name="gin_trgm_ops"), name="by_trigrams"),
            models.Index(fields=["name"], include=["ints"], name="including", opclasses=["text_pattern_ops"]),
        ]
        constraints = [
            models.UniqueConstraint(fields=["ints"], name="later", deferrable=models.Deferrable.DEFERRED),
            models.UniqueConstraint(fields=["bigs"], name="one_null", nulls_distinct=False),
            models.UniqueConstraint(fields=["name"], include=["days"], name="with_days"),
            models.UniqueConstraint(fields=["id", "name"], name="with ümlauts " + "ü" * 40),
            ExclusionConstraint(
                name="no_overlap",
                expressions=[("days", "&&"), (F("name"), "=")],
                condition=Q(name__gt=""),
                deferrable=models.Deferrable.IMMEDIATE,
            ),
        ]
"""


def written(*, postgresql: bool) -> str:
    """`models.py` for one kind of database."""
    collation = "C" if postgresql else "NOCASE"
    text = MODELS.replace("{collation}", collation).replace("        {extra}\n", "")
    return text + POSTGRES if postgresql else text
