from rest_framework.routers import SimpleRouter

from . import views

router = SimpleRouter()
router.register("categories", views.CategoryViewSet)
router.register("tags", views.TagViewSet)
router.register("products", views.ProductViewSet)
router.register("digital-products", views.DigitalProductViewSet, basename="digital-product")

urlpatterns = router.urls
