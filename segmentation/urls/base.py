"""Tiers, overrides, policies and coverage."""

from django.urls import path

from segmentation.views import coverage, history, overrides, policies, tiers, week

urlpatterns = [
    path("tiers/", tiers.tiers, name="tiers"),
    path("tiers/<slug:table>.<slug:kind>", tiers.tiers_export, name="tiers-export"),
    path("accounts/<int:pk>/history/", history.account_history, name="account-history"),
    path("accounts/<int:pk>/grade/", overrides.grade_override, name="grade-override"),
    path("accounts/<int:pk>/grade/revoke/", overrides.grade_override_revoke, name="grade-override-revoke"),
    path("policies/", policies.policies, name="policies"),
    path("policies/rules/", policies.cadence_rules, name="cadence-rules"),
    path("policies/<int:model>/<slug:grade>/", policies.policy_edit, name="policy-edit"),
    path("coverage/", coverage.coverage, name="coverage"),
    path("coverage/<slug:table>.<slug:kind>", coverage.coverage_export, name="coverage-export"),
    path("week-proposal/", week.week_proposal, name="week-proposal"),
]
