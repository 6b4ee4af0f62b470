"""The Django side of the twin: what compat has to agree with."""

import sys
import uuid

from django.apps import AppConfig, apps
from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from django.contrib.contenttypes.models import ContentType
from django.db import models

from tests.compat import oracle  # noqa: F401 - Django is configured before models are made


class Twin(models.Model):
    class Meta:
        abstract = True
        app_label = "twin"


class Kinds(Twin):
    text = models.TextField(null=True)
    name = models.CharField(max_length=40, null=True)
    slug = models.SlugField(null=True)
    whole = models.IntegerField(null=True)
    small = models.SmallIntegerField(null=True)
    big = models.BigIntegerField(null=True)
    positive = models.PositiveIntegerField(null=True)
    flag = models.BooleanField(null=True)
    price = models.DecimalField(max_digits=12, decimal_places=3, null=True)
    ratio = models.FloatField(null=True)
    day = models.DateField(null=True)
    moment = models.DateTimeField(null=True)
    clock = models.TimeField(null=True)
    span = models.DurationField(null=True)
    key = models.UUIDField(null=True)
    data = models.JSONField(null=True)
    blob = models.BinaryField(null=True)
    address = models.GenericIPAddressField(null=True)

    class Meta(Twin.Meta):
        abstract = False


class Defaults(Twin):
    blank = models.CharField(max_length=20)
    name = models.CharField(max_length=20, default="anon")
    stock = models.IntegerField(default=3, null=True)
    token = models.UUIDField(default=uuid.uuid4)
    words = models.JSONField(default=list)
    made_at = models.DateTimeField(auto_now_add=True)
    saved_at = models.DateTimeField(auto_now=True)
    made_on = models.DateField(auto_now_add=True)
    saved_time = models.TimeField(auto_now=True)
    on_server = models.IntegerField(db_default=7)

    class Meta(Twin.Meta):
        abstract = False


class Keyed(Twin):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    name = models.CharField(max_length=20)

    class Meta(Twin.Meta):
        abstract = False


class Coded(Twin):
    code = models.CharField(max_length=8, primary_key=True)
    name = models.CharField(max_length=20, unique=True)

    class Meta(Twin.Meta):
        abstract = False


class Place(Twin):
    name = models.CharField(max_length=20)

    class Meta(Twin.Meta):
        abstract = False


class Restaurant(Place):
    stars = models.IntegerField(default=0)

    class Meta(Twin.Meta):
        abstract = False


class Bistro(Restaurant):
    class Meta(Twin.Meta):
        abstract = False


class Waiter(Twin):
    restaurant = models.ForeignKey(Restaurant, models.CASCADE)
    name = models.CharField(max_length=20)

    class Meta(Twin.Meta):
        abstract = False


class Tag(Twin):
    name = models.CharField(max_length=20)

    class Meta(Twin.Meta):
        abstract = False
        ordering = ["name"]


class Owner(Twin):
    name = models.CharField(max_length=20)
    boss = models.ForeignKey("self", models.CASCADE, null=True, related_name="staff")
    tags = models.ManyToManyField(Tag, related_name="owners")
    friends = models.ManyToManyField("self")
    follows = models.ManyToManyField("self", symmetrical=False, related_name="followers")
    comments = GenericRelation("twin.Comment")

    class Meta(Twin.Meta):
        abstract = False


def fallback_owner():
    return Owner.objects.using(Owner.twin_alias).order_by("id").values_list("id", flat=True)[0]


class Cascading(Twin):
    owner = models.ForeignKey(Owner, models.CASCADE, related_name="cascading")

    class Meta(Twin.Meta):
        abstract = False


class Deeper(Twin):
    cascading = models.ForeignKey(Cascading, models.CASCADE)
    owner = models.ForeignKey(Owner, models.SET_NULL, null=True)

    class Meta(Twin.Meta):
        abstract = False


class Protected(Twin):
    owner = models.ForeignKey(Owner, models.PROTECT)

    class Meta(Twin.Meta):
        abstract = False


class Restricted(Twin):
    owner = models.ForeignKey(Owner, models.RESTRICT)
    cascading = models.ForeignKey(Cascading, models.CASCADE, null=True)

    class Meta(Twin.Meta):
        abstract = False


class Setting(Twin):
    nulled = models.ForeignKey(Owner, models.SET_NULL, null=True, related_name="+")
    standard = models.ForeignKey(
        Owner, models.SET_DEFAULT, null=True, default=None, related_name="+"
    )
    given = models.ForeignKey(Owner, models.SET(None), null=True, related_name="+")
    called = models.ForeignKey(Owner, models.SET(fallback_owner), null=True, related_name="+")

    class Meta(Twin.Meta):
        abstract = False


class Profile(Twin):
    owner = models.OneToOneField(Owner, models.CASCADE)
    bio = models.TextField()

    class Meta(Twin.Meta):
        abstract = False


class Membership(Twin):
    owner = models.ForeignKey(Owner, models.CASCADE)
    tag = models.ForeignKey(Tag, models.CASCADE)
    level = models.IntegerField(default=1)

    class Meta(Twin.Meta):
        abstract = False
        unique_together = [("owner", "tag")]


class Comment(Twin):
    content_type = models.ForeignKey(ContentType, models.CASCADE)
    object_id = models.PositiveIntegerField()
    target = GenericForeignKey()
    text = models.CharField(max_length=20)

    class Meta(Twin.Meta):
        abstract = False


ALL = (
    Kinds, Defaults, Keyed, Coded, Place, Restaurant, Bistro, Waiter, Tag, Owner, Cascading, Deeper,
    Protected, Restricted, Setting, Profile, Membership, Comment,
)  # fmt: skip


def _install() -> None:
    """Make the models an app of the running Django: only those know who points to them."""
    config = AppConfig("tests.compat.twin", sys.modules[__name__])
    config.apps = apps
    config.models = apps.all_models["twin"]
    apps.app_configs[config.label] = config
    apps.clear_cache()


_install()
