"""How an account rates us and our competitors."""

from django.urls import path

from crm.suppliers import views

urlpatterns = [
    path("accounts/<int:pk>/suppliers/", views.ratings, name="supplier-ratings"),
    path("accounts/<int:pk>/suppliers/new/", views.create, name="supplier-rating-create"),
    path("supplier-ratings/<int:pk>/edit/", views.edit, name="supplier-rating-edit"),
    path("supplier-ratings/<int:pk>/delete/", views.delete, name="supplier-rating-delete"),
]
