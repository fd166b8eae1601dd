"""Users of Mainstay and the territories they work in."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractUser
from django.contrib.auth.models import UserManager as DjangoUserManager
from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from crm.models.naming import in_readers_language


class Role(models.TextChoices):
    REP = "rep", _("Sales rep")
    MANAGER = "manager", _("Sales manager")
    ANALYST = "analyst", _("Analyst")
    ADMINISTRATOR = "administrator", _("Administrator")


class TerritoryQuerySet(models.QuerySet["Territory"]):
    def within(self, paths: list[str]) -> TerritoryQuerySet:
        """The territories named by `paths` and everything below them."""
        if not paths:
            return self.none()
        condition = models.Q()
        for path in paths:
            condition |= models.Q(path__startswith=path)
        return self.filter(condition)


class Territory(models.Model):
    """A node of the sales organisation: a country, a region, a city."""

    name = models.CharField(_("name"), max_length=120)
    name_zh = models.CharField(_("Chinese name"), max_length=120, blank=True)
    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("part of"),
    )
    # Ids from the root down ("1.4.9."): one prefix comparison finds a whole subtree.
    path = models.CharField(max_length=255, editable=False, blank=True, db_index=True)

    objects = TerritoryQuerySet.as_manager()

    class Meta:
        verbose_name = _("territory")
        verbose_name_plural = _("territories")

    def __str__(self) -> str:
        return in_readers_language(self.name, chinese=self.name_zh)

    def save(self, *args: object, **kwargs: object) -> None:
        super().save(*args, **kwargs)  # type: ignore[arg-type]
        path = f"{self.parent.path if self.parent else ''}{self.pk}."
        if path != self.path:
            self.path = path
            type(self).objects.filter(pk=self.pk).update(path=path)

    @property
    def depth(self) -> int:
        return self.path.count(".") - 1


class UserQuerySet(models.QuerySet["User"]):
    def visible_to(self, user: User) -> UserQuerySet:
        from crm.access import visible_users

        return visible_users(self, user)


class UserManager(DjangoUserManager["User"].from_queryset(UserQuerySet)):  # type: ignore[misc]
    def create_superuser(self, username: str, *args: Any, **fields: Any) -> User:
        """`manage.py createsuperuser` makes the first administrator of a new installation."""
        fields.setdefault("role", Role.ADMINISTRATOR)
        user: User = super().create_superuser(username, *args, **fields)
        return user


class User(AbstractUser):
    """A person who logs in. What the person may do follows from the role, see `crm.access`."""

    role = models.CharField(_("role"), max_length=16, choices=Role, default=Role.REP)
    territories = models.ManyToManyField(
        Territory, blank=True, related_name="people", verbose_name=_("territories")
    )
    language = models.CharField(
        _("language"), max_length=8, choices=[("en", "English"), ("zh-hans", "简体中文")], default="en"
    )

    # Health, family, date of birth of contacts: a right of its own, given person by person.
    sees_personal_details = models.BooleanField(_("may see personal details of contacts"), default=False)
    daily_digest = models.BooleanField(_("daily mail with the plan of the day"), default=True)
    mails_notices = models.BooleanField(_("mail for reminders and mentions"), default=True)
    visits_a_day = models.PositiveSmallIntegerField(_("visits that fit a day"), default=4)

    objects = UserManager()  # type: ignore[misc]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    def get_full_name(self) -> str:
        """Family name first where both names are Chinese, as a Chinese reader expects."""
        first, last = self.first_name.strip(), self.last_name.strip()
        if first and last and ord(last[0]) > 0x2E7F:
            return f"{last}{first}"
        return f"{first} {last}".strip()

    @cached_property
    def territory_paths(self) -> list[str]:
        """Read once a request: every visibility filter needs it."""
        return list(self.territories.values_list("path", flat=True))

    def can(self, capability: str) -> bool:
        from crm.access import has_capability

        return has_capability(self, capability)
