"""`Valid` and `ValidFor` as FastAPI dependencies: order of work, session, instance, answers."""

from typing import Annotated, Any

import anyio
import httpx
import pytest
from fastapi import Depends, FastAPI, HTTPException
from fastapi.responses import JSONResponse
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from starlette.requests import Request

from strangler.compat.errors import APIException
from strangler.compat.fields_relations import Existing
from strangler.compat.fields_text import Char
from strangler.compat.schemas import UNSET, Partial, Valid, ValidFor, WriteSchema
from strangler.compat.uniqueness import Unique
from tests.compat import oracle, shop
from tests.compat.shop import GadgetRow, MakerRow

engine = create_async_engine(f"sqlite+aiosqlite:///{oracle.DATABASE}")


class GadgetWrite(WriteSchema):
    name: Annotated[str, Char(max_length=5)]
    sku: Annotated[str, Char(), Unique(GadgetRow.sku)] = UNSET
    maker: Annotated[MakerRow, Existing(MakerRow)] = UNSET


async def session_of(request: Request) -> Any:
    async with AsyncSession(engine, expire_on_commit=False) as session:
        session.info["request"] = request
        request.state.session = session
        yield session


Session = Annotated[AsyncSession, Depends(session_of)]


async def gadget_by_pk(session: Session, pk: int) -> GadgetRow:
    found = await session.get(GadgetRow, pk)
    if found is None:
        raise HTTPException(404)
    return found


FoundGadget = Annotated[GadgetRow, Depends(gadget_by_pk)]
app = FastAPI()


@app.exception_handler(APIException)
async def refused(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, APIException)
    return JSONResponse(error.detail, error.status_code)


@app.post("/gadgets")
async def create(session: Session, data: Valid[GadgetWrite]) -> Any:
    return {"name": data.name, "maker": data.maker is not UNSET and data.maker.name}


@app.post("/many")
async def create_many(session: Session, data: Valid[list[GadgetWrite]]) -> Any:
    return [one.name for one in data]


@app.patch("/gadgets/{pk}")
async def patch(
    session: Session, gadget: FoundGadget, data: ValidFor[Partial[GadgetWrite], FoundGadget]
) -> Any:
    return {"was": gadget.name, **{key: str(value) for key, value in data.attrs().items()}}


async def answer(method: str, path: str, **options: Any) -> tuple[int, Any]:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
        response = await client.request(method, path, **options)
    await engine.dispose()
    return response.status_code, response.json()


@pytest.mark.parametrize(
    ("method", "path", "options", "expected"),
    [
        (
            "POST",
            "/gadgets",
            {"json": {"name": "x", "maker": 1}},
            (200, {"name": "x", "maker": "acme"}),
        ),
        ("POST", "/gadgets", {"data": {"name": " x "}}, (200, {"name": "x", "maker": False})),
        (
            "POST",
            "/gadgets",
            {"json": {"name": "too long", "sku": "a-1", "maker": 9}},
            (
                400,
                {
                    "name": ["Ensure this field has no more than 5 characters."],
                    "sku": ["This field must be unique."],
                    "maker": ['Invalid pk "9" - object does not exist.'],
                },
            ),
        ),
        ("POST", "/many", {"json": [{"name": "x"}, {"name": "y"}]}, (200, ["x", "y"])),
        ("POST", "/many", {"json": [{}]}, (400, {"0": {"name": ["This field is required."]}})),
        ("PATCH", "/gadgets/1", {"json": {"sku": "a-1"}}, (200, {"was": "anvil", "sku": "a-1"})),
        (
            "PATCH",
            "/gadgets/2",
            {"json": {"sku": "a-1"}},
            (400, {"sku": ["This field must be unique."]}),
        ),
        ("PATCH", "/gadgets/9", {"content": b"{broken"}, (404, {"detail": "Not Found"})),
    ],
)  # fmt: skip
def test_a_body_is_parsed_late_and_validated_with_the_session(
    method: str, path: str, options: dict[str, Any], expected: Any
) -> None:
    """The object is found first, then the body parsed and checked against the database."""
    shop.make()
    assert anyio.run(lambda: answer(method, path, **options)) == expected


def test_the_body_dependency_names_its_schema_for_the_document() -> None:
    """Whoever writes the OpenAPI document finds the schema at the dependency."""
    (depends,) = Valid[GadgetWrite].__metadata__  # type: ignore[attr-defined]
    assert depends.dependency.schema is GadgetWrite
