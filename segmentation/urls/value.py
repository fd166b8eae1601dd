"""Value matrix, 80/20, pyramid, relationship levels and key accounts."""

from django.urls import URLPattern, path

from segmentation.value import key_views, views

urlpatterns: list[URLPattern] = [
    path("value-matrix/", views.matrix, name="value-matrix"),
    path("value-matrix/<slug:table>.<slug:kind>", views.matrix_export, name="value-matrix-export"),
    path("concentration/", views.concentration, name="concentration"),
    path("concentration/<slug:table>.<slug:kind>", views.concentration_export, name="concentration-export"),
    path("pyramid/", views.pyramid, name="pyramid"),
    path("pyramid/<slug:table>.<slug:kind>", views.pyramid_export, name="pyramid-export"),
    path("key-accounts/", key_views.key_accounts, name="key-accounts"),
    path("key-accounts/<slug:table>.<slug:kind>", key_views.key_accounts_export, name="key-accounts-export"),
    path("accounts/<int:pk>/key-account/", key_views.key_account, name="key-account"),
    path("accounts/<int:pk>/key-account/review/", key_views.key_review, name="key-review"),
]
