"""The compat side of the twin, as the generator would write it."""

from __future__ import annotations

import uuid
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from sqlalchemy import (
    BigInteger,
    Boolean,
    Date,
    Double,
    ForeignKey,
    Identity,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Text,
    Uuid,
    select,
    text,
)
from sqlalchemy.orm import Mapped, Session, mapped_column, registry, relationship

from strangler.compat.clock import auto_now, auto_time, auto_today
from strangler.compat.collector import (
    CASCADE,
    PROTECT,
    RESTRICT,
    SET,
    SET_DEFAULT,
    SET_NULL,
    GenericRelation,
)
from strangler.compat.columns import (
    AutoInteger,
    BigAutoInteger,
    DjangoDateTime,
    DjangoDecimal,
    DjangoInet,
    DjangoInterval,
    DjangoJSON,
    DjangoTime,
    PositiveInteger,
)
from strangler.compat.models import Base


class Twin(Base):
    """Own registry: other tests have classes of the same names."""

    __abstract__ = True
    metadata = MetaData()
    registry = registry(metadata=metadata)
    _sa_registry = registry


def _key() -> Mapped[int]:
    return mapped_column(BigAutoInteger, Identity(), primary_key=True)


def _owner(on_delete: Any, **options: Any) -> Mapped[Any]:
    target = ForeignKey("twin_owner.id", deferrable=True, initially="DEFERRED")
    return mapped_column(BigInteger, target, info={"on_delete": on_delete}, **options)


class Kinds(Twin):
    __tablename__ = "twin_kinds"

    id: Mapped[int] = _key()
    text: Mapped[str | None] = mapped_column(Text)
    name: Mapped[str | None] = mapped_column(String(40))
    slug: Mapped[str | None] = mapped_column(String(50))
    whole: Mapped[int | None] = mapped_column(Integer)
    small: Mapped[int | None] = mapped_column(SmallInteger)
    big: Mapped[int | None] = mapped_column(BigInteger)
    positive: Mapped[int | None] = mapped_column(PositiveInteger)
    flag: Mapped[bool | None] = mapped_column(Boolean)
    price: Mapped[Decimal | None] = mapped_column(DjangoDecimal(12, 3))
    ratio: Mapped[float | None] = mapped_column(Double)
    day: Mapped[date | None] = mapped_column(Date)
    moment: Mapped[datetime | None] = mapped_column(DjangoDateTime)
    clock: Mapped[time | None] = mapped_column(DjangoTime)
    span: Mapped[timedelta | None] = mapped_column(DjangoInterval)
    key: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    data: Mapped[Any | None] = mapped_column(DjangoJSON)
    blob: Mapped[bytes | None] = mapped_column(LargeBinary)
    address: Mapped[str | None] = mapped_column(DjangoInet)


class Defaults(Twin):
    __tablename__ = "twin_defaults"

    id: Mapped[int] = _key()
    blank: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(20), default="anon")
    stock: Mapped[int | None] = mapped_column(Integer, default=3)
    token: Mapped[uuid.UUID] = mapped_column(Uuid, default=uuid4)
    words: Mapped[Any] = mapped_column(DjangoJSON, default=list)
    made_at: Mapped[datetime] = mapped_column(DjangoDateTime, default=auto_now)
    saved_at: Mapped[datetime] = mapped_column(DjangoDateTime, default=auto_now, onupdate=auto_now)
    made_on: Mapped[date] = mapped_column(Date, default=auto_today)
    saved_time: Mapped[time] = mapped_column(DjangoTime, default=auto_time, onupdate=auto_time)
    on_server: Mapped[int] = mapped_column(Integer, server_default=text("7"))


class Keyed(Twin):
    __tablename__ = "twin_keyed"

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=uuid4)
    name: Mapped[str] = mapped_column(String(20))


class Coded(Twin):
    __tablename__ = "twin_coded"

    code: Mapped[str] = mapped_column(String(8), primary_key=True)
    name: Mapped[str] = mapped_column(String(20), unique=True)


class Place(Twin):
    __tablename__ = "twin_place"

    id: Mapped[int] = _key()
    name: Mapped[str] = mapped_column(String(20))


class Restaurant(Place):
    __tablename__ = "twin_restaurant"

    place_ptr_id: Mapped[int] = mapped_column(
        ForeignKey("twin_place.id"), primary_key=True, info={"on_delete": CASCADE}
    )
    stars: Mapped[int] = mapped_column(Integer, default=0)
    waiters: Mapped[list[Waiter]] = relationship(
        primaryjoin="Restaurant.place_ptr_id == foreign(Waiter.restaurant_id)", viewonly=True
    )


class Bistro(Restaurant):
    __tablename__ = "twin_bistro"

    restaurant_ptr_id: Mapped[int] = mapped_column(
        ForeignKey("twin_restaurant.place_ptr_id"), primary_key=True, info={"on_delete": CASCADE}
    )


class Waiter(Twin):
    __tablename__ = "twin_waiter"

    id: Mapped[int] = _key()
    restaurant_id: Mapped[int] = mapped_column(
        ForeignKey("twin_restaurant.place_ptr_id"), info={"on_delete": CASCADE}
    )
    restaurant: Mapped[Restaurant] = relationship(
        primaryjoin="foreign(Waiter.restaurant_id) == Restaurant.place_ptr_id", viewonly=True
    )
    name: Mapped[str] = mapped_column(String(20))


class Tag(Twin):
    __tablename__ = "twin_tag"

    id: Mapped[int] = _key()
    name: Mapped[str] = mapped_column(String(20))
    owners: Mapped[list[Owner]] = relationship(
        secondary="twin_owner_tags",
        primaryjoin="Tag.id == OwnerTags.tag_id",
        secondaryjoin="Owner.id == OwnerTags.owner_id",
        viewonly=True,
        info={"reverse": True},
    )


class OwnerTags(Twin):
    __tablename__ = "twin_owner_tags"
    __label__ = "twin.Owner_tags"
    __auto_created__ = True

    id: Mapped[int] = _key()
    owner_id: Mapped[int] = _owner(CASCADE)
    tag_id: Mapped[int] = mapped_column(ForeignKey("twin_tag.id"), info={"on_delete": CASCADE})


class OwnerFriends(Twin):
    __tablename__ = "twin_owner_friends"
    __label__ = "twin.Owner_friends"
    __auto_created__ = True

    id: Mapped[int] = _key()
    from_owner_id: Mapped[int] = _owner(CASCADE)
    to_owner_id: Mapped[int] = _owner(CASCADE)


class OwnerFollows(Twin):
    __tablename__ = "twin_owner_follows"
    __label__ = "twin.Owner_follows"
    __auto_created__ = True

    id: Mapped[int] = _key()
    from_owner_id: Mapped[int] = _owner(CASCADE)
    to_owner_id: Mapped[int] = _owner(CASCADE)


class Owner(Twin):
    __tablename__ = "twin_owner"
    __generic__ = (GenericRelation("twin.Comment"),)

    id: Mapped[int] = _key()
    name: Mapped[str] = mapped_column(String(20))
    boss_id: Mapped[int | None] = _owner(CASCADE)
    boss: Mapped[Owner | None] = relationship(
        primaryjoin="foreign(Owner.boss_id) == remote(Owner.id)", viewonly=True
    )
    staff: Mapped[list[Owner]] = relationship(
        primaryjoin="Owner.id == remote(foreign(Owner.boss_id))", viewonly=True
    )
    cascading: Mapped[list[Cascading]] = relationship(
        primaryjoin="Owner.id == foreign(Cascading.owner_id)", viewonly=True
    )
    tags: Mapped[list[Tag]] = relationship(
        secondary="twin_owner_tags",
        primaryjoin="Owner.id == OwnerTags.owner_id",
        secondaryjoin="Tag.id == OwnerTags.tag_id",
        viewonly=True,
        order_by="Tag.name",
    )
    friends: Mapped[list[Owner]] = relationship(
        secondary="twin_owner_friends",
        primaryjoin="Owner.id == OwnerFriends.from_owner_id",
        secondaryjoin="Owner.id == OwnerFriends.to_owner_id",
        viewonly=True,
        info={"symmetrical": True},
    )
    follows: Mapped[list[Owner]] = relationship(
        secondary="twin_owner_follows",
        primaryjoin="Owner.id == OwnerFollows.from_owner_id",
        secondaryjoin="Owner.id == OwnerFollows.to_owner_id",
        viewonly=True,
    )
    followers: Mapped[list[Owner]] = relationship(
        secondary="twin_owner_follows",
        primaryjoin="Owner.id == OwnerFollows.to_owner_id",
        secondaryjoin="Owner.id == OwnerFollows.from_owner_id",
        viewonly=True,
        info={"reverse": True},
    )
    profile: Mapped[Profile | None] = relationship(
        primaryjoin="Owner.id == foreign(Profile.owner_id)", viewonly=True, uselist=False
    )


class Cascading(Twin):
    __tablename__ = "twin_cascading"

    id: Mapped[int] = _key()
    owner_id: Mapped[int] = _owner(CASCADE)
    owner: Mapped[Owner] = relationship(
        primaryjoin="foreign(Cascading.owner_id) == Owner.id", viewonly=True
    )


class Deeper(Twin):
    __tablename__ = "twin_deeper"

    id: Mapped[int] = _key()
    cascading_id: Mapped[int] = mapped_column(
        ForeignKey("twin_cascading.id"), info={"on_delete": CASCADE}
    )
    owner_id: Mapped[int | None] = _owner(SET_NULL)


class Protected(Twin):
    __tablename__ = "twin_protected"

    id: Mapped[int] = _key()
    owner_id: Mapped[int] = _owner(PROTECT)


class Restricted(Twin):
    __tablename__ = "twin_restricted"

    id: Mapped[int] = _key()
    owner_id: Mapped[int] = _owner(RESTRICT)
    cascading_id: Mapped[int | None] = mapped_column(
        ForeignKey("twin_cascading.id"), info={"on_delete": CASCADE}
    )


def fallback_owner(session: Session) -> int | None:
    return session.scalars(select(Owner.id).order_by(Owner.id)).first()


class Setting(Twin):
    __tablename__ = "twin_setting"

    id: Mapped[int] = _key()
    nulled_id: Mapped[int | None] = _owner(SET_NULL)
    standard_id: Mapped[int | None] = _owner(SET_DEFAULT, default=None)
    given_id: Mapped[int | None] = _owner(SET(None))
    called_id: Mapped[int | None] = _owner(SET(fallback_owner))


class Profile(Twin):
    __tablename__ = "twin_profile"

    id: Mapped[int] = _key()
    owner_id: Mapped[int] = _owner(CASCADE, unique=True)
    owner: Mapped[Owner] = relationship(
        primaryjoin="foreign(Profile.owner_id) == Owner.id", viewonly=True
    )
    bio: Mapped[str] = mapped_column(Text)


class Membership(Twin):
    __tablename__ = "twin_membership"

    id: Mapped[int] = _key()
    owner_id: Mapped[int] = _owner(CASCADE)
    tag_id: Mapped[int] = mapped_column(ForeignKey("twin_tag.id"), info={"on_delete": CASCADE})
    level: Mapped[int] = mapped_column(Integer, default=1)


class ContentType(Twin):
    __tablename__ = "django_content_type"
    __label__ = "contenttypes.ContentType"

    id: Mapped[int] = mapped_column(AutoInteger, Identity(), primary_key=True)
    app_label: Mapped[str] = mapped_column(String(100))
    model: Mapped[str] = mapped_column(String(100))


class Comment(Twin):
    __tablename__ = "twin_comment"

    id: Mapped[int] = _key()
    content_type_id: Mapped[int] = mapped_column(
        ForeignKey("django_content_type.id"), info={"on_delete": CASCADE}
    )
    object_id: Mapped[int] = mapped_column(PositiveInteger)
    text: Mapped[str] = mapped_column(String(20))
