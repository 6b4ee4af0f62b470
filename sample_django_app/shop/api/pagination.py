from rest_framework.pagination import (
    CursorPagination,
    LimitOffsetPagination,
    PageNumberPagination,
)


class StandardPagination(PageNumberPagination):
    page_size = 20
    page_size_query_param = "page_size"
    max_page_size = 100


class NewestFirstCursorPagination(CursorPagination):
    """Pages that stay put while new rows arrive; for lists that grow at the top."""

    page_size = 20
    ordering = ("-created_at", "id")


class ReviewPagination(LimitOffsetPagination):
    default_limit = 10
    max_limit = 50
