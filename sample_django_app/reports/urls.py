from django.urls import path

from . import views

urlpatterns = [
    path("activity/", views.ActivityListView.as_view(), name="activity"),
    path("reports/sales/", views.sales_report, name="sales-report"),
    path("reports/top-products/", views.top_products, name="top-products"),
]
