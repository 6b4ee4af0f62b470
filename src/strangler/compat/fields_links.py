"""Relations by hyperlinks: what a request names by its address becomes the object itself."""

from collections.abc import Sequence
from typing import Any, ClassVar

from .context import Context
from .errors import InvalidValueError, ValidationError
from .fields import type_name
from .fields_relations import Existing, Related, Target, encodable, may_exist, only
from .resolving import path_of
from .values import prepared


class ExistingLink(Existing):
    """An object named by its address: ExistingLink(Product, "product-detail").

    lookup, kwarg: the attribute (by default the key) and the name in the path. The app's `state.resolve(path)`
    gives (route name, path parameters) or None.
    """

    default_messages: ClassVar = {
        "no_match": "Invalid hyperlink - No URL match.",
        "incorrect_match": "Invalid hyperlink - Incorrect URL match.",
        "does_not_exist": "Invalid hyperlink - Object does not exist.",
        "incorrect_type": "Incorrect type. Expected URL string, received {data_type}.",
    }

    def __init__(
        self,
        target: Target,
        view: str,
        lookup: str | None = None,
        *,
        kwarg: str = "pk",
        **common: Any,
    ) -> None:
        super().__init__(target, lookup, **common)
        self.view = view
        self.kwarg = kwarg

    def resolve(self, item: Any, context: Context[Any]) -> Any:
        if not isinstance(item, str):
            raise self.error("incorrect_type", data_type=type_name(item))
        request = context.request
        match = request.app.state.resolve(path_of(item, request.scope))
        if match is None:
            raise self.error("no_match")
        view, parts = match
        if view != self.view:
            raise self.error("incorrect_match")
        return self.find(parts[self.kwarg], context)

    def resolve_all(self, items: Sequence[Any], context: Context[Any]) -> list[Any]:
        return Related.resolve_all(self, items, context)

    def find(self, value: Any, context: Context[Any]) -> Any:
        """Return the object with this key in the path, or refuse it."""
        statement = self.statement(context)
        column = self.column(statement)
        found = None
        try:
            key = encodable(prepared(column, value, column.key))
        except InvalidValueError as error:
            raise ValidationError(str(error), "invalid") from error
        except (TypeError, ValueError, OverflowError):
            key = None
        if key is not None and may_exist(context.session, column, key):
            found = only(context.session, statement.where(column == key))
        if found is None:
            raise self.error("does_not_exist")
        return found

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "uri"}
