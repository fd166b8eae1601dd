"""Lifetime value: of all, and of one account."""

from django.urls import path

from lifecycle.views import lifetime, worth

urlpatterns = [
    path("lifetime-value/", lifetime.lifetime, name="lifetime-value"),
    path("lifetime-value/<slug:table>.<slug:kind>", lifetime.lifetime_export, name="lifetime-value-export"),
    path("lifetime-value/costs/", lifetime.company_costs, name="company-costs"),
    path("lifetime-value/costs/<int:pk>/delete/", lifetime.company_cost_delete, name="company-cost-delete"),
    path("accounts/<int:pk>/value/", worth.account_value, name="account-value"),
    path("accounts/<int:pk>/value/judge/<slug:part>/", worth.judge, name="value-judge"),
    path("accounts/<int:pk>/value/gains/new/", worth.case_create, name="value-case-create"),
    path("accounts/<int:pk>/value/costs/new/", worth.cost_create, name="cost-create"),
    path("value-gains/<int:pk>/", worth.case_edit, name="value-case-edit"),
    path("value-gains/<int:pk>/delete/", worth.case_delete, name="value-case-delete"),
    path("costs-to-serve/<int:pk>/", worth.cost_edit, name="cost-edit"),
    path("costs-to-serve/<int:pk>/delete/", worth.cost_delete, name="cost-delete"),
]
