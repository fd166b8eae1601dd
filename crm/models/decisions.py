"""How an account decides: buying processes, who takes part, who moves whom, and how stances changed."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models.accounts import Account
from crm.models.activities import AccountRecordQuerySet, Visit
from crm.models.contacts import DecisionRole, Position, Stance


class BuyingProcess(models.Model):
    """One way in which an account decides to buy: spare parts go through other hands than a new line.

    What holds for the account as a whole stands on `Position`; a process says where it differs.
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="buying_processes")
    name = models.CharField(_("name"), max_length=120)
    family = models.ForeignKey(
        "crm.ProductFamily",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("product family"),
    )
    note = models.TextField(_("note"), blank=True)
    closed_on = models.DateField(_("closed on"), null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = AccountRecordQuerySet.as_manager()

    class Meta:
        verbose_name = _("buying process")
        verbose_name_plural = _("buying processes")

    def __str__(self) -> str:
        return self.name


class Participation(models.Model):
    """A person's part in one buying process. Empty fields: as for the account as a whole."""

    process = models.ForeignKey(BuyingProcess, on_delete=models.CASCADE, related_name="participations")
    position = models.ForeignKey(Position, on_delete=models.CASCADE, related_name="participations")
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

    class Meta:
        verbose_name = _("part in a buying process")
        verbose_name_plural = _("parts in buying processes")
        constraints = [models.UniqueConstraint(fields=["process", "position"], name="participation_once")]

    def __str__(self) -> str:
        return f"{self.position} / {self.process}"


class StanceSource(models.TextChoices):
    SAID = "said", _("Said it to us")
    OBSERVED = "observed", _("Seen in what they did")
    TOLD = "told", _("Told by somebody else")
    GUESS = "guess", _("Our guess")


class StanceChange(models.Model):
    """The history of a stance. The newest one stands on the position (or the participation) as well."""

    position = models.ForeignKey(Position, on_delete=models.CASCADE, related_name="stance_changes")
    process = models.ForeignKey(
        BuyingProcess, on_delete=models.CASCADE, null=True, blank=True, related_name="stance_changes"
    )
    stance = models.SmallIntegerField(_("stance towards us"), choices=Stance)
    noted_on = models.DateField(_("as of"))
    source = models.CharField(
        _("how we know"), max_length=12, choices=StanceSource, default=StanceSource.OBSERVED
    )
    note = models.CharField(_("note"), max_length=255, blank=True)
    visit = models.ForeignKey(
        Visit, on_delete=models.SET_NULL, null=True, blank=True, related_name="stance_changes"
    )
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("change of stance")
        verbose_name_plural = _("changes of stance")
        indexes = [models.Index(fields=["position", "-noted_on"], name="stance_change_position_day")]

    def __str__(self) -> str:
        return f"{self.position}: {self.get_stance_display()} {self.noted_on}"


class Faction(models.Model):
    """People of an account who stand together. `Position.faction` says who belongs to it."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="factions")
    name = models.CharField(_("name"), max_length=80)
    # Which of the six area colours of the decision map.
    colour = models.PositiveSmallIntegerField(_("colour"), default=0, validators=[MaxValueValidator(5)])
    note = models.CharField(_("note"), max_length=255, blank=True)

    objects = AccountRecordQuerySet.as_manager()

    class Meta:
        verbose_name = _("faction")
        verbose_name_plural = _("factions")
        constraints = [models.UniqueConstraint(fields=["account", "name"], name="faction_once")]

    def __str__(self) -> str:
        return self.name


class Influence(models.Model):
    """`source` moves `target`: an arrow of the decision map. Both are positions at the same account."""

    source = models.ForeignKey(Position, on_delete=models.CASCADE, related_name="influences")
    target = models.ForeignKey(Position, on_delete=models.CASCADE, related_name="influenced_by")
    process = models.ForeignKey(
        BuyingProcess, on_delete=models.CASCADE, null=True, blank=True, related_name="influences"
    )
    strength = models.PositiveSmallIntegerField(
        _("strength"), choices=[(1, _("Weak")), (2, _("Clear")), (3, _("Strong"))], default=2
    )
    note = models.CharField(_("note"), max_length=255, blank=True)

    class Meta:
        verbose_name = _("influence")
        verbose_name_plural = _("influences")
        constraints = [
            models.UniqueConstraint(
                fields=["source", "target", "process"], name="influence_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=~models.Q(source=models.F("target")), name="influence_is_on_somebody_else"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} → {self.target}"


class DecisionStep(models.Model):
    """A step of a buying process: who owns it, by what it is judged, how long it usually takes."""

    process = models.ForeignKey(BuyingProcess, on_delete=models.CASCADE, related_name="steps")
    order = models.PositiveSmallIntegerField(default=0)
    name = models.CharField(_("step"), max_length=120)
    owner = models.ForeignKey(
        Position,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="decision_steps",
        verbose_name=_("who owns it"),
    )
    criterion = models.CharField(_("criterion"), max_length=255, blank=True)
    usual_days = models.PositiveSmallIntegerField(_("usual duration in days"), null=True, blank=True)

    class Meta:
        verbose_name = _("step of a decision")
        verbose_name_plural = _("steps of a decision")

    def __str__(self) -> str:
        return self.name
