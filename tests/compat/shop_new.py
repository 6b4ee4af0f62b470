"""The shop of `shop_legacy` on compat: the same paths, the same rows, no Django."""

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from fastapi import Depends
from sqlalchemy import Column, ForeignKey, String, Table, Uuid, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column, relationship
from starlette.requests import Request

from strangler.compat import filtersets as df
from strangler.compat import modelfilters, routing
from strangler.compat.application import create_app
from strangler.compat.bodies import FormData, request_data
from strangler.compat.columns import DjangoDateTime, DjangoDecimal
from strangler.compat.context import Context
from strangler.compat.database import Database
from strangler.compat.errors import (
    APIException,
    AuthenticationFailed,
    Http404,
    NotAuthenticated,
    ParseError,
    PermissionDenied,
    Throttled,
    ValidationError,
)
from strangler.compat.filtering import OrderingFilter, SearchFilter, filtered_by
from strangler.compat.middleware import (
    CommonMiddleware,
    SecurityMiddleware,
    XFrameOptionsMiddleware,
)
from strangler.compat.models import Base
from strangler.compat.negotiation import BROWSABLE
from strangler.compat.outputs import Decimals
from strangler.compat.pagination import (
    CursorPage,
    CursorPagination,
    LimitOffsetPagination,
    Page,
    PageNumberPagination,
    list_all,
    paginate,
)
from strangler.compat.responses import JSON, Response
from strangler.compat.schemas import ReadSchema
from strangler.compat.versioning import (
    AcceptHeaderVersioning,
    QueryParameterVersioning,
    URLPathVersioning,
)
from tests.compat.oracle import DATABASE
from tests.compat.shop_legacy import VALUES

database = Database(f"sqlite:///{DATABASE}")
Session = Annotated[AsyncSession, Depends(database.session, scope="function")]


class Category(Base):
    __tablename__ = "wireshop_category"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(50))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("wireshop_category.id"))
    parent: Mapped["Category | None"] = relationship(remote_side="Category.id")


class Tag(Base):
    __tablename__ = "wireshop_tag"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(50))


product_tags = Table(
    "wireshop_product_tags",
    Base.metadata,
    Column("id", primary_key=True),
    Column("product_id", ForeignKey("wireshop_product.id")),
    Column("tag_id", ForeignKey("wireshop_tag.id")),
)


class Product(Base):
    __tablename__ = "wireshop_product"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(50))
    note: Mapped[str | None] = mapped_column(String(50))
    price: Mapped[Decimal] = mapped_column(DjangoDecimal(8, 2))
    stock: Mapped[int]
    active: Mapped[bool | None]
    status: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime] = mapped_column(DjangoDateTime)
    day: Mapped[date]
    sku: Mapped[uuid.UUID] = mapped_column(Uuid)
    category_id: Mapped[int | None] = mapped_column(ForeignKey(Category.id))
    category: Mapped[Category | None] = relationship()
    tags: Mapped[list[Tag]] = relationship(secondary=product_tags)


class ProductRead(ReadSchema):
    id: int
    name: str
    price: Annotated[str, Decimals(2)]


class HeaderAuthentication:
    """`X-User: name`; the name "bad" fails."""

    header: str | None = 'Header realm="api"'

    def authenticate(self, context: Context[Any]) -> tuple[Any, Any] | None:
        name = context.request.headers.get("X-User")
        if name == "bad":
            raise AuthenticationFailed("No such user.")
        return (name, "key") if name else None


class SilentAuthentication(HeaderAuthentication):
    header = None


class IsKnown:
    def has_permission(self, context: Context[Any]) -> bool:
        return isinstance(context.user, str)


class IsAdmin:
    message = "Only admins."

    def has_permission(self, context: Context[Any]) -> bool:
        return bool(context.user == "admin")


class Never:
    def allow_request(self, context: Context[Any]) -> bool:
        return "X-Slow" not in context.request.headers

    def wait(self) -> float:
        return 41.2


class Router(routing.Router):
    database = database
    authentication = (HeaderAuthentication(),)
    renderers = (JSON, BROWSABLE)


class Numbered(PageNumberPagination):
    page_size = 3
    page_size_query_param = "size"
    max_page_size = 5


class Limited(LimitOffsetPagination):
    default_limit = 3
    max_limit = 6


class ByTime(CursorPagination):
    page_size = 3
    ordering = "-created_at"
    page_size_query_param = "size"


class ByStock(ByTime):
    ordering = ("stock", "-id")


class NumberInFilter(df.BaseInFilter, df.NumberFilter):
    pass


class NumberRangeFilter(df.BaseRangeFilter, df.NumberFilter):
    pass


STATUSES = [("new", "New"), ("old", "Old")]


class ProductFilter(df.FilterSet):
    name = df.CharFilter(max_length=12)
    has = df.CharFilter("name", "icontains")
    note = df.CharFilter("note", exclude=True)
    min_price = df.NumberFilter(Product.price, "gte")
    stock = df.NumberFilter()
    stock_lt = df.NumberFilter("stock", "lt")
    price = df.RangeFilter()
    active = df.BooleanFilter()
    no_note = df.BooleanFilter("note", "isnull")
    status = df.ChoiceFilter(choices=STATUSES, null="null")
    statuses = df.MultipleChoiceFilter("status", choices=STATUSES)
    category = modelfilters.ModelChoiceFilter(queryset=Category, null="null")
    category_name = df.CharFilter("category__name")
    not_category = df.CharFilter("category__name", exclude=True)
    parent = df.CharFilter("category__parent__name", "istartswith")
    tag = df.CharFilter("tags__name", "icontains")
    tag_once = df.CharFilter("tags__name", "icontains", distinct=True)
    no_tag = df.CharFilter("tags__name", exclude=True)
    tags = modelfilters.ModelMultipleChoiceFilter(queryset=Tag)
    all_tags = modelfilters.ModelMultipleChoiceFilter("tags", queryset=Tag, conjoined=True)
    sku = df.UUIDFilter()
    day = df.DateFilter()
    created = df.IsoDateTimeFilter("created_at", "gte")
    created_loose = df.DateTimeFilter("created_at", "lt")
    created_day = df.DateFilter("created_at", "date")
    year = df.NumberFilter("created_at", "year")
    month = df.NumberFilter("created_at", "month")
    between = df.DateFromToRangeFilter("created_at")
    ids = NumberInFilter("id", "in")
    prices = NumberRangeFilter("price")
    odd = df.BooleanFilter(method="only_odd")
    o = df.OrderingFilter(fields=[("price", "cost"), ("name", "name")])

    def only_odd(self, statement: Any, name: str, value: bool) -> Any:
        return statement.where(Product.stock.in_([1, 3, 5, 7, 9])) if value else statement


def products() -> Any:
    return select(Product).order_by(Product.id)


lists = Router(prefix="/api")


@lists.get("/pages/")
async def pages(session: Session) -> Page[ProductRead]:
    return await paginate(session, Numbered, products(), ProductRead)


@lists.get("/limits/")
async def limits(session: Session) -> Page[ProductRead]:
    return await paginate(session, Limited, products(), ProductRead)


@lists.get("/times/")
async def times(session: Session) -> CursorPage[ProductRead]:
    return await paginate(session, ByTime, products(), ProductRead)


@lists.get("/stocks/")
async def stocks(session: Session) -> CursorPage[ProductRead]:
    return await paginate(session, ByStock, products(), ProductRead)


ORDERING = OrderingFilter(("price", "stock", "category__name", "id"), default="-id")
SEARCH = (SearchFilter("name", "^note", "=status", "category__name"), ORDERING)
TAG_SEARCH = (SearchFilter("name", "tags__name", "category__parent__name"), ORDERING)


@lists.get("/search/")
async def search(session: Session, request: Request) -> list[ProductRead]:
    found = await filtered_by(session, products(), request, SEARCH)
    return await list_all(session, found, ProductRead)


@lists.get("/tagged/")
async def tagged(session: Session, request: Request) -> Page[ProductRead]:
    found = await filtered_by(session, products(), request, TAG_SEARCH)
    return await paginate(session, Numbered, found, ProductRead)


@lists.get("/filter/")
async def filter_products(session: Session, request: Request) -> list[ProductRead]:
    found = await filtered_by(session, products(), request, (ProductFilter,))
    return await list_all(session, found, ProductRead)


plain = Router(prefix="/api")


async def echo(request: Request) -> Response:
    data = await request_data(request)
    if isinstance(data, FormData):
        data = {key: [getattr(one, "filename", one) for one in data.getlist(key)] for key in data}
    return Response({"data": data}, 201)


async def nothing() -> None:
    return None


async def gone() -> Response:
    return Response(status=204, headers={"X-Gone": "yes"})


def register(path: str, **options: Any) -> None:
    plain.post(path, **options)(echo)
    plain.put(path, **options)(nothing)
    plain.delete(path, **options)(gone)


ERRORS = {
    "validation": lambda: ValidationError({"a": ["b"]}),
    "text": lambda: ValidationError("plain"),
    "dict": lambda: ValidationError({"a": "b"}),
    "parse": ParseError,
    "missing": lambda: Http404("No such thing."),
    "bare": Http404,
    "denied": PermissionDenied,
    "anonymous": NotAuthenticated,
    "failed": AuthenticationFailed,
    "throttled": lambda: Throttled(wait=1),
    "teapot": lambda: APIException("tea", "pot"),
    "crash": ZeroDivisionError,
}

register("/echo/")


@plain.get("/raise/{kind:str}/")
def raise_error(kind: str) -> None:
    raise ERRORS[kind]()


register("/closed/", permissions=[IsKnown])
register("/silent/", permissions=[IsKnown], authentication=[SilentAuthentication()])
register("/nobody/", permissions=[IsKnown], authentication=[])
register("/admin/", permissions=[IsKnown, IsAdmin], throttles=[Never])


@plain.get("/values/", renderers=(JSON,))
async def show_values() -> dict[str, Any]:
    return VALUES


class AcceptVersion(AcceptHeaderVersioning):
    default_version = "1.0"
    allowed_versions = ("1.0", "2.0")


class QueryVersion(QueryParameterVersioning):
    default_version = "1.0"
    allowed_versions = ("1.0", "2.0")


class PathVersion(URLPathVersioning):
    allowed_versions = ("v1", "v2")


async def show_version(request: Request) -> dict[str, Any]:
    return {"version": request.state.version}


plain.get("/version/accept/", versioning=AcceptVersion)(show_version)
plain.get("/version/query/", versioning=QueryVersion)(show_version)
plain.get("/{version:str}/version/", versioning=PathVersion)(show_version)

routing.convertor("hex", "[0-9a-f]{4}")


async def show_key(key: str) -> dict[str, str]:
    return {"key": key}


async def show_number(key: int) -> dict[str, str]:
    return {"key": str(key)}


async def show_bare() -> dict[str, str]:
    return {}


plain.get("/keys/int/{key:int}/")(show_number)
plain.get("/keys/slug/{key:slug}/")(show_key)
plain.get("/keys/uuid/{key:uuid}/")(show_key)
plain.get("/keys/path/{key:path}/end/")(show_key)
plain.get("/keys/hex/{key:hex}/")(show_key)
plain.get("/bare")(show_bare)

items = Router(prefix="/api/items", unconverted={"/{pk}/": ["DELETE"]})


@items.get("/")
async def list_items() -> list[str]:
    return ["list"]


@items.post("/recent/", permissions=[IsKnown])
async def recent() -> dict[str, Any]:
    return {"recent": True}


@items.get("/{pk}/")
async def retrieve(pk: str) -> dict[str, Any]:
    return {"retrieve": pk}


@items.api_route("/{pk}/publish/", methods=["POST", "PUT"])
def publish(pk: str, request: Request) -> dict[str, Any]:
    return {"publish": pk, "method": request.method}


app = create_app(
    lists,
    plain,
    items,
    middleware=(SecurityMiddleware, CommonMiddleware, XFrameOptionsMiddleware),
)
