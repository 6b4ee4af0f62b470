from django.urls import include, path
from rest_framework.routers import SimpleRouter

from . import views

router = SimpleRouter()
router.register("orders", views.OrderViewSet)
router.register("coupons", views.CouponViewSet)
router.register("wishlist", views.WishlistViewSet)

urlpatterns = [
    path("checkout/", views.CheckoutView.as_view(), name="checkout"),
    path("", include(router.urls)),
]
