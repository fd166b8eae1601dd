from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _


class MainstayAdminSite(AdminSite):
    site_header = _("Mainstay back office")
    site_title = _("Mainstay back office")

    def has_permission(self, request: HttpRequest) -> bool:
        user = request.user
        return bool(user.is_authenticated and user.is_active and user.can("administer"))
