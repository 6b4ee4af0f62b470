"""Numbers on their way into SQLite: releases of Django differ in what they do to them."""

from decimal import Decimal, InvalidOperation

import pytest
from sqlalchemy import Column, Identity, Integer, MetaData, Table, create_engine, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from strangler.compat import settings
from strangler.compat.bulk import update_query
from strangler.compat.columns import DjangoDecimal
from strangler.compat.models import Base
from strangler.compat.saving import save_row
from strangler.compat.values import stored

PRICE = Column("price", DjangoDecimal(7, 2))
TABLE = Table("item", MetaData(), PRICE)


@pytest.fixture
def session() -> Session:
    return Session(create_engine("sqlite://"))


@pytest.mark.parametrize("given", ["1.239", Decimal("1.239"), 1.239])
def test_numbers_are_cut_before_they_are_stored_until_django_5_2(
    given: object, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "DJANGO", (5, 1))
    assert str(stored(session, PRICE, given, "price")) == "1.24"
    monkeypatch.setattr(settings, "DJANGO", (5, 2))
    assert str(stored(session, PRICE, given, "price")).rstrip("0") == "1.239"


def test_numbers_that_do_not_fit_are_refused_until_django_5_2(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "DJANGO", (4, 2))
    with pytest.raises(InvalidOperation, match="InvalidOperation"):
        stored(session, PRICE, "999999", "price")
    assert stored(session, PRICE, "99999.99", "price") == Decimal("99999.99")
    assert stored(session, PRICE, None, "price") is None
    assert str(stored(session, PRICE, text("price + 1"), "price")) == "price + 1"
    monkeypatch.setattr(settings, "DJANGO", (5, 2))
    assert stored(session, PRICE, "999999", "price") == Decimal("999999")


class StoredItem(Base):
    __tablename__ = "stored_item"

    id: Mapped[int] = mapped_column(Integer, Identity(), primary_key=True)
    price: Mapped[Decimal | None] = mapped_column(DjangoDecimal(7, 2))


def test_saves_and_updates_store_what_django_does(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "DJANGO", (5, 1))
    session.execute(text("CREATE TABLE stored_item (id integer PRIMARY KEY, price decimal)"))
    item = StoredItem(price=Decimal("1.239"))
    save_row(session, item)
    assert session.scalar(text("SELECT price FROM stored_item")) == 1.24
    update_query(session, StoredItem, price="7.891")
    assert session.scalar(text("SELECT price FROM stored_item")) == 7.89
    item.price = Decimal("999999")
    with pytest.raises(InvalidOperation):
        save_row(session, item)
