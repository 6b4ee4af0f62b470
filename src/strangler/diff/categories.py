"""The kinds of difference: what each means, what usually causes it, what to do."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Category:
    """One kind of difference, for people."""

    name: str
    title: str
    cause: str
    remedy: str


_ALL = (
    Category(
        "status",
        "Another status code",
        "The applications took different branches: validation, lookup or an exception.",
        "Follow the request through both handlers; the bodies show which check spoke.",
    ),
    Category(
        "access-status",
        "401, 403 or 404 changed places",
        "Authentication, permissions or the restricted queryset act in another order, or the first "
        "authenticator differs (it decides between 401 and 403).",
        "Compare authentication classes, permission classes and `get_queryset`, in that order.",
    ),
    Category(
        "server-error",
        "One side answers 5xx",
        "An exception was not handled there; the report carries its last line.",
        "Mend what raises. Where legacy is the one that fails, decide whether the failure is kept.",
    ),
    Category(
        "error-shape",
        "An error body of another shape",
        "Errors are keyed or nested otherwise: `detail` or fields, list or text.",
        "Raise the compat exception that carries the legacy shape, or adapt the exception handler.",
    ),
    Category(
        "error-text",
        "Another error message",
        "A message was overridden, translated or comes from another validator.",
        "Copy the text from the legacy serializer or view; check the active language.",
    ),
    Category(
        "decimal-as-number",
        "A decimal became a JSON number",
        "DRF writes decimals as text unless COERCE_DECIMAL_TO_STRING is off.",
        "Declare the read field as a decimal of fixed places instead of a float.",
    ),
    Category(
        "number-as-text",
        "A number became text",
        "The value is a string on the new side: a decimal, or an identifier that was str()ed.",
        "Declare the read field as int or float.",
    ),
    Category(
        "decimal-scale",
        "The same decimal with other digits",
        "Decimal places differ: quantized on one side only.",
        "Give the read field the model field's decimal places.",
    ),
    Category(
        "float-text",
        "The same number written otherwise",
        "An integer on one side is a float on the other.",
        "Keep the type that the legacy field or expression yields.",
    ),
    Category(
        "microseconds",
        "Fraction of a second differs",
        "One side cuts or pads the fraction.",
        "Use the timestamp type of compat, which writes as DRF does.",
    ),
    Category(
        "utc-offset",
        "The same instant, written otherwise",
        "`Z` against `+00:00`, or another time zone.",
        "Render in the legacy project's time zone, as DRF does.",
    ),
    Category(
        "timestamp",
        "Times that the moment of the request does not explain",
        "Both are times; they differ by more than the two requests are apart.",
        "Look for another field, another rounding, or a default that is not evaluated per call.",
    ),
    Category(
        "null-or-missing",
        "null on one side, no key on the other",
        "DRF leaves a key out when an attribute is missing, and writes null when it is None.",
        "Declare the field optional in the read schema the way legacy serves it.",
    ),
    Category(
        "empty-or-null",
        "Empty on one side, null on the other",
        "An empty text or list was stored or rendered as null, or the reverse.",
        "Check allow_blank and allow_null, and the column's default.",
    ),
    Category("key-missing", "A key is gone", "The field is not in the read schema.", "Add it."),
    Category(
        "key-extra",
        "A key that legacy does not send",
        "The read schema has a field more; it may leak data.",
        "Remove it from the read schema.",
    ),
    Category(
        "key-order",
        "Keys in another order",
        "The read schema declares its fields in another order.",
        "Clients rarely care; order the fields as the serializer does.",
    ),
    Category(
        "list-order",
        "The same items in another order",
        "The ordering is lost, or legacy has none and the database chose.",
        "Give both queries the same complete ORDER BY.",
    ),
    Category(
        "list-length",
        "More or fewer items",
        "A filter, a join that duplicates rows, or the page size differs.",
        "Compare the SQL of both sides for this request.",
    ),
    Category(
        "type",
        "Another JSON type",
        "The field is rendered by another kind of field.",
        "Use the read type that matches the serializer field.",
    ),
    Category(
        "choice-label",
        "A choice's label instead of its value, or other case",
        "The display text is rendered instead of the stored value, or the reverse.",
        "Render the stored value unless legacy uses get_..._display.",
    ),
    Category(
        "page-link",
        "A page link with another host or parameters",
        "Links are built from another base URL, or parameters are lost or reordered.",
        "Build links from the request's URL, as DRF does.",
    ),
    Category(
        "link",
        "Another link",
        "A URL is built from another base or route.",
        "Check the route's name, prefix and the host that the application believes.",
    ),
    Category(
        "trailing-slash",
        "Only a trailing slash differs",
        "The route is declared without the slash.",
        "Declare the path as legacy does.",
    ),
    Category("value", "Another value", "The applications computed different values.", "Compare."),
    Category(
        "text",
        "Another text",
        "The text of a body that is no JSON differs.",
        "Compare the templates or writers of both sides.",
    ),
    Category(
        "json-encoding",
        "The same JSON in other bytes",
        "Blanks or escapes differ.",
        "Render with compat's JSON encoder.",
    ),
    Category("binary", "Another file", "The bytes of a body differ.", "Compare the files."),
    Category(
        "content-type",
        "Another Content-Type",
        "Another renderer answered, or the charset parameter differs.",
        "Declare the legacy renderers on the route.",
    ),
    Category(
        "allow",
        "Another Allow",
        "The path serves other methods.",
        "Declare the methods that legacy lists, unconverted ones included.",
    ),
    Category(
        "vary",
        "Another Vary",
        "Caches would mix up answers.",
        "Add the header where legacy's middleware and views do.",
    ),
    Category(
        "cookie",
        "Another cookie",
        "A cookie is missing or its attributes differ.",
        "Set it with the legacy settings (SESSION_COOKIE_*, CSRF_COOKIE_*).",
    ),
    Category(
        "redirect",
        "Redirected elsewhere",
        "Location differs.",
        "Build the target as legacy does; a relative target stays relative.",
    ),
    Category(
        "etag",
        "Another validator",
        "ETag or Last-Modified differ, so conditional requests behave otherwise.",
        "Compute the validator from the same bytes or time.",
    ),
    Category(
        "security-header",
        "A security header differs",
        "The middleware that sets it is not converted or has other settings.",
        "Add the middleware; this is never ignored on its own.",
    ),
    Category("header", "Another header", "A header is missing or differs.", "Set it as legacy."),
    Category(
        "shadow-write",
        "A read that writes",
        "In a shadowed request, which must leave no trace, the new application tried to write.",
        "Is the write legacy's own? Then leave the endpoint out of shadow mode; else mend it.",
    ),
    Category(
        "row-missing",
        "A row that only legacy wrote",
        "A write, a signal receiver or a cascade is missing.",
        "Find which save, receiver or through row is not made.",
    ),
    Category(
        "row-extra",
        "A row that only the new application wrote",
        "It writes more than legacy: a write before a check, or a missing roll-back.",
        "Compare the transaction boundaries.",
    ),
    Category(
        "row-value",
        "A column holds another value",
        "A default, auto_now, a conversion or a write is missing.",
        "Compare how both sides fill this column.",
    ),
    Category(
        "write-repeated",
        "A table is written more often than legacy does, to no purpose",
        "The new application sends the same write twice, or one that changes nothing.",
        "Find the second call; a receiver or a `save` override may be run twice.",
    ),
    Category(
        "effect-missing",
        "Only legacy sent it",
        "A mail, a message to a task queue or a file is missing: a signal receiver, `on_commit` or "
        "the call itself is not there.",
        "Find the line that legacy sends it from, and the transaction that it waits for.",
    ),
    Category(
        "effect-extra",
        "Only the new application sent it",
        "A mail, a task or a file too many: sent twice, or before a check that legacy does first.",
        "Compare the order of checks, and whether it waits for the commit.",
    ),
    Category(
        "effect-value",
        "Sent with something else in it",
        "Another recipient, text, argument or content.",
        "Compare how both sides make it; a template may be rendered in another language.",
    ),
)

CATEGORIES = {each.name: each for each in _ALL}
