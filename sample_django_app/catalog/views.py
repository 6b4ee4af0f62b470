from django.db.models import Count, Q
from django.views.generic import ListView
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework import mixins, viewsets
from rest_framework.decorators import action
from rest_framework.filters import OrderingFilter
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.permissions import AllowAny, IsAdminUser
from rest_framework.response import Response
from shop.api.permissions import IsStaffOrReadOnly
from shop.api.viewsets import ActionClassesMixin, EnvelopeMixin

from . import services
from .filters import ProductFilter
from .models import Category, DigitalProduct, Product, Tag
from .serializers import (
    CategorySerializer,
    DigitalProductSerializer,
    ProductImageSerializer,
    ProductListSerializer,
    ProductSerializer,
    RestockSerializer,
    TagSerializer,
)


class CategoryViewSet(viewsets.ModelViewSet):
    queryset = Category.objects.all()
    serializer_class = CategorySerializer
    permission_classes = [IsStaffOrReadOnly]
    filterset_fields = ["parent", "slug"]

    @action(detail=False)
    def tree(self, request):
        """The whole tree in one answer; it is small, and clients cache it."""
        on_sale = Q(products__status=Product.Status.PUBLISHED, products__deleted_at=None)
        counted = self.get_queryset().annotate(product_count=Count("products", filter=on_sale))
        children = {}
        for category in counted:
            children.setdefault(category.parent_id, []).append(category)

        def branch(parent_id):
            return [
                {
                    "id": category.id,
                    "name": category.name,
                    "slug": category.slug,
                    "product_count": category.product_count,
                    "children": branch(category.id),
                }
                for category in children.get(parent_id, [])
            ]

        return Response(branch(None))


class TagViewSet(mixins.CreateModelMixin, viewsets.ReadOnlyModelViewSet):
    queryset = Tag.objects.all()
    serializer_class = TagSerializer
    permission_classes = [IsStaffOrReadOnly]
    lookup_field = "slug"


class ProductViewSet(ActionClassesMixin, viewsets.ModelViewSet):
    queryset = Product.objects.select_related("category").prefetch_related("tags")
    serializer_class = ProductSerializer
    serializer_action_classes = {
        "list": ProductListSerializer,
        "related": ProductListSerializer,
        "image": ProductImageSerializer,
        "restock": RestockSerializer,
    }
    permission_classes = [IsStaffOrReadOnly]
    permission_action_classes = {
        "publish": [IsAdminUser],
        "restock": [IsAdminUser],
        "image": [IsAdminUser],
    }
    filter_backends = [DjangoFilterBackend, OrderingFilter]
    filterset_class = ProductFilter
    ordering_fields = ["name", "price", "created_at"]
    ordering = ["name", "id"]

    def get_queryset(self):
        queryset = super().get_queryset()
        if not self.request.user.is_staff:
            queryset = queryset.active()
        search = self.request.query_params.get("search", "").strip()
        if search:
            queryset = queryset.filter(
                Q(name__icontains=search)
                | Q(description__icontains=search)
                | Q(sku__istartswith=search)
            )
        return queryset

    def perform_destroy(self, instance):
        instance.soft_delete()

    @action(detail=True, methods=["post"])
    def publish(self, request, pk=None):
        product = services.publish(self.get_object(), request.user)
        return Response(self.get_serializer(product).data)

    @action(detail=True, methods=["post"])
    def restock(self, request, pk=None):
        product = self.get_object()
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        services.restock(product, serializer.validated_data["quantity"], request.user)
        return Response({"id": product.id, "stock": product.stock})

    @action(detail=True)
    def related(self, request, pk=None):
        """Up to six other products of the same category or with a tag in common."""
        product = self.get_object()
        related = (
            self.get_queryset()
            .filter(Q(category=product.category) | Q(tags__in=product.tags.all()))
            .exclude(pk=product.pk)
            .distinct()
            .order_by("name", "id")[:6]
        )
        return Response(self.get_serializer(related, many=True).data)

    @action(detail=True, methods=["put"], parser_classes=[MultiPartParser, FormParser])
    def image(self, request, pk=None):
        serializer = self.get_serializer(self.get_object(), data=request.data)
        serializer.is_valid(raise_exception=True)
        serializer.save()
        return Response(serializer.data)


class DigitalProductViewSet(EnvelopeMixin, viewsets.ReadOnlyModelViewSet):
    queryset = DigitalProduct.objects.active()
    serializer_class = DigitalProductSerializer
    permission_classes = [AllowAny]
    filterset_fields = ["file_format"]


class HomeView(ListView):
    """The newest products, for people who come with a browser."""

    template_name = "catalog/home.html"
    context_object_name = "products"

    def get_queryset(self):
        newest = Product.objects.active().in_stock().select_related("category")
        return newest.order_by("-created_at", "-id")[:12]
