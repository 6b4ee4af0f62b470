"""One small shop twice: as Django models and as SQLAlchemy models over the same SQLite file."""

import datetime
import sys
import uuid
from decimal import Decimal
from functools import cache
from typing import Any

import sqlalchemy as sa
from django.apps import AppConfig, apps
from django.db import connection
from django.db import models as dj
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship

from strangler.compat.columns import DjangoDateTime, DjangoDecimal
from tests.compat import oracle


class ShopConfig(AppConfig):
    """Reverse relations exist only among models of an app."""

    label = "shop"
    path = "."


shop_app = ShopConfig("shop", sys.modules[__name__])
shop_app.apps, shop_app.models = apps, apps.all_models["shop"]
apps.app_configs["shop"] = shop_app


class Maker(dj.Model):
    name = dj.CharField(max_length=20, unique=True)
    code = dj.CharField(max_length=20)

    class Meta:
        app_label = "shop"
        db_table = "maker"

    def __str__(self):
        return f"maker {self.name}"


class Tag(dj.Model):
    key = dj.UUIDField(primary_key=True, default=uuid.uuid4)
    word = dj.CharField(max_length=20)

    class Meta:
        app_label = "shop"
        db_table = "tag"
        ordering = ("word",)


class Gadget(dj.Model):
    name = dj.CharField(max_length=20)
    sku = dj.CharField(max_length=20, unique=True, null=True)
    price = dj.DecimalField(max_digits=8, decimal_places=2)
    maker = dj.ForeignKey(Maker, dj.CASCADE, null=True, related_name="gadgets")
    tags = dj.ManyToManyField(Tag, db_table="gadget_tags")
    released = dj.DateField(null=True)
    made = dj.DateTimeField()
    state = dj.CharField(max_length=5, default="new")
    picture = dj.FileField(null=True)

    class Meta:
        app_label = "shop"
        db_table = "gadget"
        unique_together = (("name", "maker"),)
        constraints = [
            dj.UniqueConstraint(
                fields=["price"], condition=dj.Q(state="live"), name="one_live_price"
            )
        ]


class Manual(dj.Model):
    gadget = dj.OneToOneField(Gadget, dj.CASCADE, related_name="manual")
    pages = dj.IntegerField()

    class Meta:
        app_label = "shop"
        db_table = "manual"


class Base(DeclarativeBase):
    pass


class MakerRow(Base):
    __tablename__ = "maker"
    id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True)
    name: Mapped[str]
    code: Mapped[str]
    gadgets: Mapped[list["GadgetRow"]] = relationship(back_populates="maker")

    def __str__(self) -> str:
        return f"maker {self.name}"


class TagRow(Base):
    __tablename__ = "tag"
    key: Mapped[uuid.UUID] = mapped_column(sa.Uuid, primary_key=True)
    word: Mapped[str]


gadget_tags = sa.Table(
    "gadget_tags",
    Base.metadata,
    sa.Column("gadget_id", sa.ForeignKey("gadget.id")),
    sa.Column("tag_id", sa.ForeignKey("tag.key")),
)


class GadgetRow(Base):
    __tablename__ = "gadget"
    id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True)
    name: Mapped[str]
    sku: Mapped[str | None]
    price: Mapped[Decimal] = mapped_column(DjangoDecimal(8, 2))
    maker_id: Mapped[int | None] = mapped_column(sa.ForeignKey("maker.id"))
    released: Mapped[datetime.date | None]
    made: Mapped[datetime.datetime] = mapped_column(DjangoDateTime)
    state: Mapped[str]
    picture: Mapped[str | None]
    maker: Mapped[MakerRow | None] = relationship(back_populates="gadgets")
    tags: Mapped[list[TagRow]] = relationship(secondary=gadget_tags, order_by=TagRow.word)
    manual: Mapped["ManualRow | None"] = relationship(back_populates="gadget")

    def shout(self) -> str:
        """Return the name, loud."""
        return self.name.upper()


class ManualRow(Base):
    __tablename__ = "manual"
    id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True)
    gadget_id: Mapped[int] = mapped_column(sa.ForeignKey("gadget.id"))
    pages: Mapped[int]
    gadget: Mapped[GadgetRow] = relationship(back_populates="manual")


Gadget.shout = lambda self: self.name.upper()
TAGS = tuple(uuid.UUID(int=number) for number in (1, 2, 3))
engine = sa.create_engine(f"sqlite:///{oracle.DATABASE}")


@cache
def make() -> None:
    """Create the tables and a few rows, once per process."""
    with connection.schema_editor() as editor:
        for model in (Maker, Tag, Gadget, Manual):
            editor.create_model(model)
    acme = Maker.objects.create(id=1, name="acme", code="A")
    Maker.objects.create(id=2, name="Bolt", code="A")
    for key, word in zip(TAGS, ("red", "new", "old"), strict=True):
        Tag.objects.create(key=key, word=word)
    moment = datetime.datetime(2024, 5, 6, 7, 8, 9, 1200, tzinfo=datetime.UTC)
    first = Gadget.objects.create(
        id=1, name="anvil", sku="a-1", price=Decimal("9.50"), maker=acme, made=moment, state="live",
        released=datetime.date(2024, 5, 6), picture="up loads/ä.png",
    )  # fmt: skip
    first.tags.set(TAGS[:2])
    Manual.objects.create(id=1, gadget=first, pages=10)
    Gadget.objects.create(
        id=2, name="bolt", sku=None, price=Decimal("1"), maker=None, made=moment, state="new"
    )


def session() -> Session:
    """Open a session on the shop."""
    return Session(engine)


def by_key(value: Any) -> Any:
    """Write ORM objects of both kinds alike, as their table and key."""
    if isinstance(value, dict):
        return {key: by_key(item) for key, item in value.items()}
    if isinstance(value, list):
        return [by_key(item) for item in value]
    if isinstance(value, dj.Model):
        return (value._meta.db_table, value.pk)
    if isinstance(value, Base):
        return (value.__tablename__, sa.inspect(value).identity[0])
    return value
