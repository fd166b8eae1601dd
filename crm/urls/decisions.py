"""The organisation and the decision map of an account."""

from django.urls import path

from crm.views import contacts, decisions, decisions_organisation, decisions_process

urlpatterns = [
    path("accounts/<int:pk>/decisions/", decisions.page, name="account-decisions"),
    path("accounts/<int:pk>/decisions/arrows/", decisions.arrow_create, name="influence-create"),
    path("influences/<int:pk>/edit/", decisions.arrow_edit, name="influence-edit"),
    path("influences/<int:pk>/delete/", decisions.arrow_delete, name="influence-delete"),
    path("positions/<int:pk>/place/", decisions.place, name="position-place"),
    path("positions/<int:pk>/stance/", decisions.stance, name="position-stance"),
    path("accounts/<int:pk>/decisions/factions/", decisions.faction_create, name="faction-create"),
    path("factions/<int:pk>/edit/", decisions.faction_edit, name="faction-edit"),
    path("factions/<int:pk>/delete/", decisions.faction_delete, name="faction-delete"),
    path(
        "accounts/<int:pk>/buying-processes/new/",
        decisions_process.process_create,
        name="buying-process-create",
    ),
    path("buying-processes/<int:pk>/edit/", decisions_process.process_edit, name="buying-process-edit"),
    path("buying-processes/<int:pk>/delete/", decisions_process.process_delete, name="buying-process-delete"),
    path("buying-processes/<int:pk>/steps/", decisions_process.step_create, name="decision-step-create"),
    path("decision-steps/<int:pk>/edit/", decisions_process.step_edit, name="decision-step-edit"),
    path("decision-steps/<int:pk>/move/", decisions_process.step_move, name="decision-step-move"),
    path("decision-steps/<int:pk>/delete/", decisions_process.step_delete, name="decision-step-delete"),
    path("decision-limits/", decisions_process.limits, name="decision-limits"),
    path(
        "accounts/<int:pk>/organisation/",
        decisions_organisation.organisation,
        name="account-organisation",
    ),
    path("accounts/<int:pk>/units/new/", decisions_organisation.unit_create, name="unit-create"),
    path("units/<int:pk>/edit/", decisions_organisation.unit_edit, name="unit-edit"),
    path("units/<int:pk>/delete/", decisions_organisation.unit_delete, name="unit-delete"),
    path("accounts/<int:pk>/contacts/known/", contacts.known, name="contact-known"),
]
