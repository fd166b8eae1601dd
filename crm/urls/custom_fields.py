"""Further fields of accounts."""

from django.urls import path

from crm.custom_fields import views

urlpatterns = [
    path("custom-fields/", views.field_list, name="custom-fields"),
    path("custom-fields/new/", views.field_edit, name="custom-field-create"),
    path("custom-fields/<int:pk>/", views.field_edit, name="custom-field-edit"),
    path("custom-fields/<int:pk>/shift/", views.field_shift, name="custom-field-shift"),
    path("custom-fields/<int:pk>/archive/", views.field_archive, name="custom-field-archive"),
    path("custom-fields/<int:pk>/delete/", views.field_delete, name="custom-field-delete"),
]
