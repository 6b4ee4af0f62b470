"""One view behind two paths: what it reads of the path is that of each."""

from pathlib import Path

from tests.codemods.project import legacy_project

MODELS = """
from django.db import models


class Brand(models.Model):
    name = models.CharField(max_length=20)


class Product(models.Model):
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE)
    name = models.CharField(max_length=20)
"""
VIEWS = """
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.response import Response

from shop.models import Brand, Product


class ProductSerializer(serializers.ModelSerializer):
    class Meta:
        model = Product
        fields = ["id", "name"]


class ProductViewSet(viewsets.ModelViewSet):
    queryset = Product.objects.order_by("id")
    serializer_class = ProductSerializer

    def get_queryset(self):
        rows = super().get_queryset()
        brand = self.kwargs.get("brand_pk")
        if brand:
            rows = rows.filter(brand_id=brand)
        return rows

    def told(self):
        return {"brand": self.kwargs.get("brand_pk", "any")}

    @action(detail=False)
    def where(self, request, **kwargs):
        return Response(self.told())
"""
URLS = """
from django.urls import include, path
from rest_framework.routers import DefaultRouter
from shop.views import ProductViewSet

router = DefaultRouter()
router.register("products", ProductViewSet, basename="product")
inside = DefaultRouter()
inside.register("products", ProductViewSet, basename="brand-product")
urlpatterns = [path("", include(router.urls)), path("brands/<brand_pk>/", include(inside.urls))]
"""


def test_paths_of_one_view_do_not_share_what_they_read(tmp_path: Path) -> None:
    files = {"shop/models.py": MODELS, "shop/views.py": VIEWS, "urls.py": URLS}
    done = legacy_project(tmp_path, files).convert()
    assert done.reasons("GET /brands/{brand_pk}/products/where/") == []
    assert done.converted("DELETE /brands/{brand_pk}/products/{pk}/")
    queries = done.generated["app/shop/queries.py"]
    assert "def product_products() -> Select[Product]:" in queries
    assert "def product_products_2(brand_pk: str) -> Select[Product]:" in queries
    routers = done.generated["app/shop/routers.py"]
    assert "async def product_by_pk(session: Session, pk: str)" in routers
    assert "async def product_by_pk_2(brand_pk: str, session: Session, pk: str)" in routers
    assert "ProductRead, product_products_2(brand_pk))" in routers
    services = done.generated["app/shop/services.py"]
    assert 'def told() -> dict[str, Any]:\n    return {"brand": "any"}' in services
    assert "product_view_set_told(brand_pk: str)" in services


CHOOSING = """
from rest_framework import permissions, serializers, viewsets

from shop.models import Brand


class BrandSerializer(serializers.ModelSerializer):
    class Meta:
        model = Brand
        fields = ["id", "name"]


class BrandViewSet(viewsets.ModelViewSet):
    queryset = Brand.objects.order_by("id")
    serializer_class = BrandSerializer

    def get_permissions(self):
        if self.request.user.is_authenticated and self.request.user.is_superuser:
            return [permissions.IsAuthenticated()]
        if self.action in ("create", "destroy"):
            return [permissions.IsAuthenticated(), permissions.IsAdminUser()]
        return [permissions.IsAuthenticated()]
"""
CHOOSING_URLS = """
from rest_framework.routers import DefaultRouter
from shop.views import BrandViewSet

router = DefaultRouter()
router.register("brands", BrandViewSet)
urlpatterns = router.urls
"""


def test_actions_do_not_share_what_they_choose(tmp_path: Path) -> None:
    files = {"shop/models.py": MODELS, "shop/views.py": CHOOSING, "urls.py": CHOOSING_URLS}
    done = legacy_project(tmp_path, files).convert()
    assert done.reasons("GET /brands/") == []
    text = done.generated["app/shop/routers.py"]
    router = text.partition("brand_router = Router(")[2].partition("\n)")[0]
    assert "permissions=[BrandViewSetPermissions]," in router
    assert text.count("permissions=[BrandViewSetPermissions_2]") == len(("create", "destroy"))
