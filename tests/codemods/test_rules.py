"""What each rule writes, and that each can be switched off."""

import ast

import pytest

from strangler_codemods.rule import all_rules
from tests.codemods.project import Converted, Legacy

# Rule, module of the new app, and text that the rule writes there.
WRITTEN = [
    ("endpoint_list", "app.books.routers", "return await read_all(session, AuthorRead, authors())"),
    ("endpoint_list", "app.books.routers", "async def list_books(\n    request: Request"),
    ("endpoint_retrieve", "app.books.routers", "async def retrieve_tag(session: Session, tag: FoundTag)"),
    ("endpoint_create", "app.books.routers", "tag = await create(session, Tag, data)"),
    ("endpoint_create", "app.books.routers", '@tag_router.post("/", status_code=201'),
    ("endpoint_update", "app.books.routers", "data: ValidFor[TagWrite, FoundTag]"),
    ("endpoint_partial_update", "app.books.routers", "data: ValidFor[Partial[TagWrite], FoundTag]"),
    ("endpoint_destroy", "app.books.routers", "await destroy(session, tag)"),
    ("endpoint_handler", "app.books.routers", '@book_router.post("/{pk}/lend/", status_code=202'),
    ("exception_classes", "app.books.exceptions", "class TooMany(APIException):\n    status_code = 409"),
    ("exception_handler", "app.errors", "response = exception_handler(exc, context)"),
    ("authenticate", "app.books.routers", "find_user,\n        User,\n        username=(await request_data(request))"),
    ("authentication_class", "app.books.authentication", "class CardAuthentication(BaseAuthentication):"),
    ("authentication_class", "app.books.authentication", "words = authorization_header(context.request)"),
    ("class_self", "app.books.authentication", "return self._read(context, words[1].decode())"),
    ("field_class", "app.books.fields", "def show_label_field(value: Tag, context: Context) -> Any:"),
    ("field_class", "app.books.schemas", "tags: Annotated[list[Tag], Many(TakenRow(take_label_field))]"),
    ("function_table", "app.errors", 'if name in ("NotFound", "Http404"):'),
    ("exception_handler", "app.books.errors", "present(response).data = {view.rows_name: present(response)"),
    ("json_tokens", "app.books.authentication", 'decode_token(\n                token, settings.secret_key'),
    ("bool_call", "app.books.permissions", "or bool("),
    ("database_errors", "app.books.authentication", "from sqlalchemy.exc import IntegrityError"),
    ("model_errors", "app.books.authentication", "except (User.DoesNotExist, IntegrityError):"),
    ("queryset_get_or_create", "app.books.fields", "get_or_create(context.session, Tag, label=data)"),
    ("related_manager", "app.books.schemas", 'm2m_add(session, book, "tags", tag)'),
    ("renderer_class", "app.books.renderers", "class WrappedRenderer(JSONRenderer):"),
    ("renderer_class", "app.books.renderers", 'if "label" in response.view_attributes'),
    ("renderer_class", "app.books.renderers", 'response.view_attributes.get("wrong", "wrong")'),
    ("renderer_class", "app.books.routers", 'attributes={"label": "desk"}'),
    ("renderer_class", "app.books.routers", "renderers=(WRAPPED,)"),
    ("representation", "app.books.schemas", "data = super().represent(instance, context)"),
    ("request_data", "app.books.routers", 'data=(await request_data(request)).get("book", {})'),
    ("request_files", "app.books.routers", '(await request_files(request))["badge"]'),
    ("request_meta", "app.books.routers", 'if "X-Door" in request.headers:'),
    ("request_meta", "app.books.routers", '"door": request.headers["X-Door"]'),
    ("request_meta", "app.books.routers", '"by": request.headers.get("X-For")'),
    ("pure_path", "app.books.routers", "PurePath(sent.name).suffix"),
    ("secret_key", "app.books.authentication", "settings.secret_key.get_secret_value()"),
    ("serializer_self", "app.books.schemas", 'owner=context.told("member")'),
    ("logger", "app.books.routers", "logger = logging.getLogger(__name__)"),
    ("date_texts", "app.books.routers", 'parse_date(day'),
    ("django_response", "app.books.routers", 'return JsonResponse({"open": True}, status=203)'),
    ("paginator_made", "app.books.routers", "await paginate(session, HallPages, tags, "),
    ("paginator", "app.books.pagination", 'return {"count": self.count, "books": data}'),
    ("full_clean", "app.books.services", "full_clean(session, tag, TAG_RULES)"),
    ("full_clean", "app.books.cleaning", 'TAG_RULES = RowRules('),
    ("filter_set_made", "app.books.routers", "await narrowed_by(session, select(Tag).order_by(Tag.id), request, TagFilter)"),
    ("filter_set", "app.books.filters", 'least = NumberFilter("pages", lookup="gte")'),
    ("finalize_response", "app.books.finalizers", 'response["X-Tags"] = "some"\n    return response'),
    ("finalize_response", "app.books.routers", "finalize=tag_view_set"),
    ("gate", "app.books.gates", 'deny(context, message="Closed.")'),
    ("gate", "app.books.routers", 'hooks={"check_permissions": (tag_view_set_check_permissions,)}'),
    ("rest_framework_settings", "app.books.schemas", 'found["non_field_errors"]'),
    ("serializer_kept", "app.books.schemas", 'context.kept.shelved = "shelf" in context.initial'),
    ("serializer_kept", "app.books.routers", "status = 202 if data.kept_.shelved else 201"),
    ("serializer_attribute", "app.books.schemas", "user = context.user"),
    ("get_object_or_404", "app.books.routers", "book = await get_or_404("),
    ("getattr", "app.books.schemas", 'getattr(context.instance, "due", None)'),
    ("hasattr", "app.books.schemas", "if obj.id == 0:"),
    ("gettext", "app.books.schemas", 'ValidationError("Too thick.")'),
    ("instance_attribute", "app.books.schemas", "select(Book).where(Book.author_id == obj.author.id)"),
    (
        "instance_attribute",
        "app.books.schemas",
        ".join(BookTags, BookTags.tag_id == Tag.id)\n            .where(BookTags.book_id == obj.id)",
    ),
    ("instance_attribute", "app.books.routers", "if book.state == BookState.OUT:"),
    ("instance_compare", "app.books.permissions", "obj.owner_id == context.user.id"),
    ("instance_method", "app.books.schemas", "round(obj.hours(), 1)"),
    ("instance_state", "app.books.models", "if is_new(self):"),
    ("instance_write", "app.books.routers", 'await save(session, book, update_fields=["state", "due"])'),
    ("isinstance", "app.errors", "isinstance(exc, TooMany)"),
    ("middleware", "app.middleware", 'response.headers["X-Served-By"] = "library"'),
    ("instance_method", "app.books.routers", "await session.run_sync(tag.double, 2)"),
    ("instance_write", "app.books.models", "super().save(session, **kwargs)"),
    ("manager_attribute", "app.books.services", "book_objects().where(Book.pages > 900)"),
    ("manager_self", "app.books.schemas", "return create_user(session, User, **validated_data)"),
    ("model_instance", "app.books.models", "fresh = Tag(label=locked.label * times)"),
    ("request_path", "app.middleware", 'if request.scope["path"].startswith("/private/"):'),
    ("middleware", "app.middleware", "response = await call_next(request)\n    return response"),
    ("model_class", "app.books.models", "title: Mapped[str] = mapped_column(String(60))"),
    ("model_manager", "app.books.routers", "select(Book)"),
    ("permission_class", "app.books.permissions", 'message = "Not yours."'),
    ("permission_method", "app.books.permissions", "self._reads(context)"),
    ("permission_self", "app.books.permissions", 'self.message != ""'),
    ("password_hashes", "app.books.schemas", 'user.password = make_password("never")'),
    ("query_params", "app.books.routers", "title: Annotated[str | None, Query()] = None"),
    (
        "queryset_aggregate",
        "app.books.schemas",
        "pages__max=func.max(Book.pages),\n            several=func.count(Book.day.distinct()),",
    ),
    ("queryset_all", "app.books.queries", "return select(Author).order_by(*AUTHOR_ORDER)"),
    ("queryset_class", "app.books.queries", "select(Book).where(Book.gone.is_(False))"),
    ("queryset_create", "app.books.routers", 'tag = await create(session, Tag, {}, label="fresh")'),
    ("queryset_custom_method", "app.books.routers", "thick(book_objects(), pages=300)"),
    ("queryset_delete", "app.books.schemas", "delete_query(session, select(Tag).where("),
    ("queryset_distinct", "app.books.queries", ".distinct()"),
    ("queryset_evaluate", "app.books.routers", "count_ = await count(session,"),
    ("queryset_exclude", "app.books.queries", ".where(Book.price.is_not(None))"),
    ("queryset_exclude", "app.books.queries", ".where(~(Book.pages > Book.id))"),
    ("queryset_filter", "app.books.queries", "Book.author.has(startswith(Author.name, "),
    ("queryset_loop", "app.books.routers", "for author in await rows(session, select(Author)"),
    ("queryset_none", "app.books.queries", ".where(false())"),
    ("queryset_order_by", "app.books.routers", ".order_by(Book.due.desc())"),
    ("queryset_prefetch_related", "app.books.queries", ".options(selectinload(Book.tags))"),
    ("queryset_select_related", "app.books.queries", "joinedload(Book.sequel)"),
    ("queryset_update", "app.books.routers", "await session.run_sync("),
    ("nested_serializer", "app.books.schemas", "TagRead.represent(row, context)\n            for row in rows("),
    ("reverse", "app.books.schemas", 'address(context.request, "book-detail", {"pk": obj.id})'),
    ("build_absolute_uri", "app.books.schemas", "absolute_url(context.request, "),
    ("stored_file", "app.books.schemas", 'file_url(obj.cover, "cover")'),
    ("view_attribute", "app.books.permissions", 'context.view_attribute("closed", False)'),
    ("view_attribute", "app.books.routers", 'attributes={"closed": False}'),
    ("q_objects", "app.books.services", "conditions = or_(conditions, Book.pages == 0)"),
    ("queryset_annotate", "app.books.services", "from sqlalchemy.orm import Session, with_expression"),
    ("queryset_annotate", "app.books.models", "written: Mapped[int] = query_expression()"),
    ("queryset_bulk", "app.books.services", 'bulk_create(session, [Tag(label="a"), Tag(label="b")])'),
    ("queryset_dates", "app.books.services", 'trunc("month", Book.day)'),
    ("queryset_get_or_create", "app.books.services", 'get_or_create(session, Tag, label="c")'),
    ("tuple_item", "app.books.services", 'get_or_create(session, Tag, label="d")[0]'),
    ("queryset_only", "app.books.services", "books = select(Book).where("),
    ("queryset_values", "app.books.receivers", "columns(session, select(Tag), Tag.label, flat=True)"),
    ("queryset_values", "app.books.services", "author__name=Author.name"),
    ("related_manager", "app.books.services", 'm2m_add(session, book, "tags", tag)'),
    ("signal_receiver", "app.books.receivers", "@receiver(post_save, Tag)\ndef limit_tags("),
    ("queryset_slice", "app.books.routers", "authors().offset(2).limit(3)"),
    ("read_schema", "app.books.schemas", "class BookRead(ReadSchema):"),
    ("refresh_from_db", "app.books.models", 'refresh(session, self, ["label"])'),
    ("rows_append", "app.books.models", "def alone(self) -> list[Tag]:"),
    ("select_for_update", "app.books.models", "select(Tag).with_for_update()"),
    ("response_cookies", "app.books.routers", 'set_response_cookie(response, "seen", "porch", max_age=60)'),
    ("settings_value", "app.books.routers", '"zone": "America/Chicago"'),
    ("service_object", "app.books.services", 'def labeller_label(session: Session, word: str, *, times'),
    ("session_engine", "app.books.authentication", "kept_session = session_authentication.logins.kept("),
    ("slugify", "app.books.models", "return slugify(self.label)"),
    ("user_password", "app.books.schemas", "set_password(user, password)"),
    ("request_headers", "app.books.routers", 'request.headers.get("X-State", "in")'),
    ("request_session", "app.books.routers", "del (await session.run_sync("),
    ("request_session", "app.books.routers", "session_authentication.logins.opened"),
    ("request_version", "app.books.routers", '"version": request.state.version'),
    ("user_login", "app.books.routers", "session.run_sync(session_authentication.logins.login, user)"),
    ("user_login", "app.books.routers", "session.run_sync(session_authentication.logins.logout)"),
    ("request_user", "app.books.routers", "owner=user"),
    ("response", "app.books.routers", '@book_router.post("/form/", status_code=204'),
    ("safe_methods", "app.books.permissions", 'in ("GET", "HEAD", "OPTIONS")'),
    ("serializer_class", "app.books.routers", "def create_author(session: Session, data: Valid[AuthorWrite])"),
    ("serializer_valid", "app.books.routers", "return await read(session, AuthorRead, author)"),
    ("serializer_helper", "app.books.schemas", "shelve("),
    ("serializer_save", "app.books.routers", "book = await create(session, Book, data, owner=user, state=data_)"),
    ("serializer_self", "app.books.schemas", "obj.owner_id == context.user.id"),
    ("status_codes", "app.books.routers", "status_code=202"),
    ("timezone_timedelta", "app.books.routers", "now() + timedelta(days=7)"),
    ("timezone_now", "app.books.routers", "book.due = now()"),
    ("transaction_atomic", "app.books.routers", "async with atomic(session):"),
    ("user_is_authenticated", "app.books.queries", "if user is None:"),
    ("user_model", "app.auth.queries", "select(User)"),
    ("user_truth", "app.books.permissions", "return context.user is not None and context.user.is_staff"),
    ("validate_password", "app.books.schemas", "validate_password(password, user)"),
    ("validated_items", "app.books.schemas", "setattr(instance, key, value_)"),
    ("validated_attrs", "app.books.schemas", 'attrs["title"] == "Now"'),
    ("view_saving", "app.books.routers", "author = await create(session, Author, data)"),
    ("view_action", "app.books.queries", "# the list is long, so it loads what it shows"),
    ("view_kwargs", "app.books.queries", "exact(Book.owner_id, user_id)"),
    ("view_method", "app.books.routers", '"limit": limit(2)'),
    ("object_permissions", "app.books.routers", "await session.run_sync(check_object, tag)"),
    ("view_objects", "app.books.routers", "return await read(session, BookRead, book)"),
    ("view_queryset", "app.books.queries", "select(Book)"),
    ("view_request", "app.books.routers", "user: CurrentUser"),
    ("encodings", "app.books.routers", "uid = urlsafe_base64_encode(force_bytes(user.id))"),
    ("random_string", "app.books.routers", 'random_string(6, "0123456789")'),
    ("request_cookies", "app.books.routers", 'request_cookies(request).get("name")'),
    ("reset_token", "app.books.routers", "token = reset_tokens.make_token(user)"),
    ("reset_token", "app.core.reset_tokens", "reset_tokens = PasswordResetTokens("),
    ("web_tokens", "app.books.routers", "refresh = await session.run_sync(jwt_tokens.for_user, user)"),
    ("web_tokens", "app.identity", "jwt_tokens = TokenPairs("),
    ("view_serializers", "app.books.routers", "def another_author(session: Session, data: Valid[AuthorWrite])"),
    ("parser_context", "app.books.schemas", 'given = context.request.path_params.get("pk")'),
    ("print", "app.books.routers", 'print("relabelled", number)'),
    ("serializer_meta", "app.books.schemas", "exists(context.session, select(User))"),
    ("queryset_filter", "app.books.schemas", "where(Book.author_id == obj.author_id)"),
    ("write_schema", "app.books.schemas", "title: Annotated[str, Char(max_length=60)]"),
    ("signal_send", "app.books.routers", "lambda _: mark(session.sync_session, None, word="),
    ("cache", "app.caches", 'key_prefix="library"'),
    ("cache", "app.books.routers", "await to_thread(slow_cache.delete_many, "),
    ("cache", "app.books.routers", "lambda: count_at_once(session.sync_session, select(Tag)), timeout=60"),
    ("celery_task", "app.books.routers", 'await to_thread(remind.apply_async, args=[7], kwargs={"times": 2}, countdown=60)'),
    ("celery_task", "app.books.tasks", 'remind = Task(celery, "books.tasks.remind", priority=4)'),
    ("mail", "app.books.routers", "outbox.send_mail,"),
    ("mail", "app.books.routers", 'letter.attach_alternative("<b>We are.</b>", "text/html")'),
    ("on_commit", "app.books.routers", "await session.run_sync(on_commit, partial(remind.delay, tag.id))"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "module", "text"), WRITTEN)
def test_a_rule_writes(rule: str, module: str, text: str, books: Converted) -> None:
    assert text in books.module(module)


def test_every_rule_is_shown_here() -> None:
    assert {rule for rule, _, _ in WRITTEN} == set(all_rules())


def test_the_whole_library_is_converted(books: Converted) -> None:
    left = {e.id: books.reasons(e.id) for e in books.legacy.facts.endpoints}
    assert {name: reasons for name, reasons in left.items() if reasons} == {}


@pytest.mark.parametrize("rule", sorted(all_rules()))
def test_what_a_skipped_rule_would_carry_stays_on_legacy(
    rule: str, lending: Legacy, books: Converted
) -> None:
    skipping = lending.convert(skip=[rule])
    lost = [e.id for e in lending.facts.endpoints if not skipping.converted(e.id)]
    assert lost
    for name in lost:
        assert f"rule `{rule}` is switched off" in " ".join(
            reason.message for reason in skipping.reasons(name)
        )
    for text in skipping.conversion.files.values():
        ast.parse(text)


def test_a_skipped_rule_is_named_by_its_own_code(lending: Legacy) -> None:
    assert lending.convert(skip=["endpoint_list"]).codes("GET /api/tags/") == ["R001"]


def test_only_the_rules_that_are_named_are_in_force(lending: Legacy) -> None:
    only = lending.convert(only=["endpoint_list"])
    assert only.codes("DELETE /api/tags/{pk}/") != []


def test_docstrings_and_comments_are_carried(books: Converted) -> None:
    assert '"""Give the book away."""' in books.function("app.books.routers", "lend_book")
    assert '"""Everybody reads, owners write."""' in books.module("app.books.permissions")
    assert '"""Says who answered."""' in books.module("app.middleware")
    assert '"""Who wrote it."""' in books.module("app.books.models")


def test_only_the_list_takes_the_branch_of_the_list(books: Converted) -> None:
    assert "selectinload" in books.function("app.books.queries", "book_books")
    assert "selectinload" not in books.function("app.books.queries", "book_books_2")


@pytest.mark.parametrize(
    ("name", "option"),
    [
        ("first_of_book", "authentication=(basic_authentication,)"),
        ("slow_book", "throttles=[AnonRateThrottle]"),
        ("form_book", "parsers=(FORM_PARSER,)"),
    ],
)
def test_an_action_keeps_policies_of_its_own(name: str, option: str, books: Converted) -> None:
    assert option in books.function("app.books.routers", name)
    assert option not in books.function("app.books.routers", "lend_book")


def test_a_paginator_keeps_its_numbers_and_its_words(books: Converted) -> None:
    text = books.function("app.books.pagination", "Pages")
    for line in ("page_size = 20", "max_page_size = 50", 'last_page_strings = ("end",)'):
        assert line in text


def test_locals_do_not_hide_what_the_function_calls(books: Converted) -> None:
    text = books.function("app.books.routers", "statistics_book")
    assert "now_ = now()" in text
    assert "count_ = await count(session" in text
    assert '{"late": count_' in text


def test_a_query_parameter_does_not_hide_a_function(books: Converted) -> None:
    text = books.function("app.books.queries", "user_books_books")
    assert "exact(Book.pages, value_)" in text
    assert 'value_param: Annotated[str | None, Query(alias="value")] = None' in books.module(
        "app.books.routers"
    )


def test_a_missing_row_shows_null_and_not_false(books: Converted) -> None:
    text = books.function("app.books.schemas", "BookRead")
    assert "return obj.sequel.title if obj.sequel is not None else None" in text


def test_a_row_in_a_text_brings_its_str_along(books: Converted) -> None:
    assert 'f"by {obj.author}"' in books.function("app.books.schemas", "BookRead")
    assert "def __str__(self) -> str:" in books.function("app.books.models", "Author")
