"""Basic data, personal details, business trends."""

from __future__ import annotations

from django.urls import URLPattern, path

from crm.views import personal, profile, trends

urlpatterns: list[URLPattern] = [
    path("accounts/pick/", profile.pick, name="account-pick"),
    path("accounts/<int:pk>/profile/", profile.profile, name="account-profile"),
    path("accounts/<int:pk>/addresses/new/", profile.address_create, name="address-create"),
    path("addresses/<int:pk>/edit/", profile.address_edit, name="address-edit"),
    path("accounts/<int:pk>/phones/new/", profile.phone_create, name="phone-create"),
    path("phones/<int:pk>/edit/", profile.phone_edit, name="phone-edit"),
    path("accounts/<int:pk>/supply/", profile.supply_add, name="supply-add"),
    path("supply/<int:pk>/delete/", profile.supply_delete, name="supply-delete"),
    path("contacts/<int:pk>/personal/", personal.details, name="personal-details"),
    path("contacts/<int:pk>/personal/edit/", personal.edit, name="personal-edit"),
    path("contacts/<int:pk>/personal/log/", personal.log, name="personal-log"),
    path("contacts/<int:pk>/personal/export/", personal.export, name="personal-export"),
    path("contacts/<int:pk>/personal/erase/", personal.erase, name="personal-erase"),
    path("accounts/<int:pk>/trends/", trends.trends, name="account-trends"),
    path("accounts/<int:pk>/trends/new/", trends.create, name="observation-create"),
    path("observations/<int:pk>/edit/", trends.edit, name="observation-edit"),
    path("observations/<int:pk>/delete/", trends.delete, name="observation-delete"),
    path("accounts/<int:pk>/wallet/", trends.wallet, name="wallet-edit"),
]
