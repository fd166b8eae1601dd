"""People at the accounts and their part in the decision to buy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.postgres.indexes import GinIndex
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models.accounts import Account
from crm.models.naming import in_readers_language

if TYPE_CHECKING:
    from crm.models.people import User


class DecisionRole(models.TextChoices):
    DECIDER = "decider", _("Final decision maker")
    INFLUENCER = "influencer", _("Influencer")
    NEGOTIATOR = "negotiator", _("Negotiator")
    EXECUTOR = "executor", _("Executor")
    USER = "user", _("User of the goods")
    GATEKEEPER = "gatekeeper", _("Gatekeeper")


class Stance(models.IntegerChoices):
    SUPPORTS = 1, _("Supports us")
    NEUTRAL = 0, _("Neutral")
    OPPOSES = -1, _("Opposes us")


class Level(models.IntegerChoices):
    """Where on the decision map a person stands, from the top down."""

    TOP = 1, _("Top management")
    HEAD = 2, _("Head of a department")
    SPECIALIST = 3, _("Engineer or specialist")
    STAFF = 4, _("Staff")


class ContactQuerySet(models.QuerySet["Contact"]):
    def visible_to(self, user: User) -> ContactQuerySet:
        """People who hold a position at an account the user may see."""
        positions = Position.objects.filter(account__in=Account.objects.visible_to(user))
        return self.filter(pk__in=positions.values("contact"))

    def matching(self, text: str) -> ContactQuerySet:
        """People whose names, pinyin, initials, phones or addresses resemble `text`, best first."""
        from crm.search import matching_contacts

        return matching_contacts(self, text)


class Contact(models.Model):
    """A person. Where the person works, and with what say, is a `Position`: one person may hold several."""

    name = models.CharField(_("name"), max_length=120)
    english_name = models.CharField(_("English name"), max_length=120, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("phone"), max_length=60, blank=True)
    mobile = models.CharField(_("mobile"), max_length=60, blank=True)
    wechat = models.CharField(_("WeChat"), max_length=60, blank=True)
    note = models.TextField(_("note"), blank=True)
    accounts = models.ManyToManyField(Account, through="Position", related_name="contacts")
    source = models.CharField(max_length=40, blank=True, editable=False)
    external_id = models.CharField(max_length=120, blank=True, editable=False)
    import_batch = models.ForeignKey(
        "crm.ImportBatch", on_delete=models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )
    # As on Account: kept by crm.search, by whoever writes the row.
    search_text = models.TextField(editable=False, blank=True, default="", db_default="")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True, db_index=True)

    objects = ContactQuerySet.as_manager()

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        indexes = [
            GinIndex(fields=["search_text"], name="contact_search_trigram", opclasses=["gin_trgm_ops"]),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "external_id"],
                condition=~models.Q(external_id=""),
                name="contact_external_id_once",
            )
        ]

    def __str__(self) -> str:
        return in_readers_language(self.name, english=self.english_name)

    def save(self, *args: object, **kwargs: object) -> None:
        from crm.search import names_of, remember_words, search_text_of_contact, words_of

        self.search_text = search_text_of_contact(self)
        super().save(*args, **kwargs)  # type: ignore[arg-type]
        remember_words(words_of(names_of(self)))


class Position(models.Model):
    """What a person is at an account, and the person's weight when the account decides."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="positions")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="positions")
    title = models.CharField(_("job title"), max_length=120, blank=True)
    department = models.CharField(_("department"), max_length=120, blank=True)
    unit = models.ForeignKey(
        "crm.OrganisationUnit",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="positions",
        verbose_name=_("unit"),
    )
    reports_to = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="reports",
        verbose_name=_("reports to"),
    )
    level = models.PositiveSmallIntegerField(_("level"), choices=Level, null=True, blank=True)
    faction = models.ForeignKey(
        "crm.Faction",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="positions",
        verbose_name=_("faction"),
    )
    decision_role = models.CharField(
        _("part in the decision"), max_length=16, choices=DecisionRole, blank=True
    )
    influence = models.PositiveSmallIntegerField(
        _("influence (1 to 5)"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(5)],
    )
    stance = models.SmallIntegerField(_("stance towards us"), choices=Stance, null=True, blank=True)
    stance_noted_on = models.DateField(_("stance as of"), null=True, blank=True)
    is_primary = models.BooleanField(_("first person to call"), default=False)
    left_on = models.DateField(_("left on"), null=True, blank=True)

    class Meta:
        verbose_name = _("position")
        verbose_name_plural = _("positions")
        constraints = [
            models.UniqueConstraint(fields=["contact", "account"], name="position_once"),
            models.CheckConstraint(
                condition=models.Q(reports_to__isnull=True) | ~models.Q(reports_to=models.F("id")),
                name="position_does_not_report_to_itself",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contact} @ {self.account}"
