import csv
from datetime import timedelta

from catalog.models import Product
from django.contrib.admin.views.decorators import staff_member_required
from django.db import connection
from django.db.models import Avg, Count, DecimalField, F, Q, Sum
from django.db.models.functions import TruncDate
from django.http import JsonResponse, StreamingHttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET
from orders.models import Order
from rest_framework import generics
from rest_framework.decorators import api_view, permission_classes
from rest_framework.permissions import IsAdminUser
from rest_framework.response import Response
from shop.api.viewsets import EnvelopeMixin

from .models import Activity
from .serializers import (
    ActivitySerializer,
    BestSellerSerializer,
    DaySalesSerializer,
    PeriodSerializer,
    SalesSummarySerializer,
)

SOLD = [Order.Status.PAID, Order.Status.SHIPPED]


class ActivityListView(EnvelopeMixin, generics.ListAPIView):
    queryset = Activity.objects.select_related("actor", "content_type")
    serializer_class = ActivitySerializer
    permission_classes = [IsAdminUser]
    filterset_fields = ["verb", "actor"]


@api_view(["GET"])
@permission_classes([IsAdminUser])
def sales_report(request):
    """Paid orders of the last ``days`` days, in all and per day."""
    period = PeriodSerializer(data=request.query_params)
    period.is_valid(raise_exception=True)
    since = timezone.now() - timedelta(days=period.validated_data["days"])
    orders = Order.objects.filter(status__in=SOLD, created_at__gte=since)
    per_day = (
        orders.annotate(day=TruncDate("created_at"))
        .values("day")
        .annotate(orders=Count("id"), revenue=Sum("total"))
        .order_by("day")
    )
    summary = orders.aggregate(orders=Count("id"), revenue=Sum("total"), average=Avg("total"))
    return Response(
        {
            "summary": SalesSummarySerializer(summary).data,
            "per_day": DaySalesSerializer(per_day, many=True).data,
        }
    )


@api_view(["GET"])
@permission_classes([IsAdminUser])
def top_products(request):
    """The ten products that sold best."""
    sold = Q(order_items__order__status__in=SOLD)
    products = (
        Product.objects.annotate(
            units=Sum("order_items__quantity", filter=sold),
            revenue=Sum(
                F("order_items__quantity") * F("order_items__unit_price"),
                filter=sold,
                output_field=DecimalField(max_digits=12, decimal_places=2),
            ),
        )
        .filter(units__gt=0)
        .order_by("-units", "id")
    )
    return Response(BestSellerSerializer(products[:10], many=True).data)


class Echo:
    """A file that hands back what is written to it, so that rows can be streamed."""

    def write(self, value):
        return value


@require_GET
@staff_member_required
def export_orders(request):
    """All orders as CSV, row by row: the table is larger than memory should hold."""
    writer = csv.writer(Echo())
    orders = Order.objects.select_related("user", "coupon").order_by("created_at", "id")

    def rows():
        yield writer.writerow(["id", "customer", "status", "coupon", "total", "created_at"])
        for order in orders.iterator(chunk_size=500):
            coupon = order.coupon.code if order.coupon else ""
            created_at = order.created_at.isoformat()
            yield writer.writerow(
                [order.id, order.user.email, order.status, coupon, order.total, created_at]
            )

    headers = {"Content-Disposition": 'attachment; filename="orders.csv"'}
    return StreamingHttpResponse(rows(), content_type="text/csv", headers=headers)


@require_GET
def healthz(request):
    """Tell the load balancer that this process reaches its database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})
