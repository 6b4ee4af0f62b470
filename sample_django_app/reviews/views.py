from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.filters import OrderingFilter
from rest_framework.permissions import IsAuthenticatedOrReadOnly
from rest_framework.throttling import ScopedRateThrottle
from rest_framework.viewsets import ModelViewSet
from shop.api.pagination import ReviewPagination
from shop.api.permissions import IsAuthorOrReadOnly

from .models import Review
from .serializers import ReviewSerializer


class ReviewViewSet(ModelViewSet):
    queryset = Review.objects.select_related("user")
    serializer_class = ReviewSerializer
    permission_classes = [IsAuthenticatedOrReadOnly, IsAuthorOrReadOnly]
    pagination_class = ReviewPagination
    throttle_classes = [ScopedRateThrottle]
    throttle_scope = "reviews"
    filter_backends = [DjangoFilterBackend, OrderingFilter]
    filterset_fields = ["product", "rating"]
    ordering_fields = ["created_at", "rating"]
    http_method_names = ["get", "post", "patch", "delete", "head", "options"]

    def perform_create(self, serializer):
        serializer.save(user=self.request.user)
