from django.utils.translation import gettext_lazy as _

from crm.panels import ADMINISTRATION, NavigationEntry


class CustomFieldsEntry(NavigationEntry):
    title = _("Further fields of accounts")
    group = ADMINISTRATION
    icon = "forms"
    url_name = "crm:custom-fields"
    capability = "edit_custom_fields"
