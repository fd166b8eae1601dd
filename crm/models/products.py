"""What we sell."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models.naming import in_readers_language


class ProductFamily(models.Model):
    name = models.CharField(_("name"), max_length=120, unique=True)
    name_zh = models.CharField(_("Chinese name"), max_length=120, blank=True)

    class Meta:
        verbose_name = _("product family")
        verbose_name_plural = _("product families")

    def __str__(self) -> str:
        return in_readers_language(self.name, chinese=self.name_zh)


class Product(models.Model):
    code = models.CharField(_("product code"), max_length=60)
    name = models.CharField(_("name"), max_length=200)
    name_zh = models.CharField(_("Chinese name"), max_length=200, blank=True)
    family = models.ForeignKey(
        ProductFamily,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="products",
        verbose_name=_("product family"),
    )
    base_unit = models.CharField(_("unit"), max_length=20, blank=True)
    list_price = models.DecimalField(_("list price"), max_digits=18, decimal_places=6, null=True, blank=True)
    unit_cost = models.DecimalField(_("unit cost"), max_digits=18, decimal_places=6, null=True, blank=True)
    source = models.CharField(_("source system"), max_length=40, blank=True)
    external_id = models.CharField(_("external id"), max_length=120, blank=True)
    import_batch = models.ForeignKey(
        "crm.ImportBatch", on_delete=models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        constraints = [
            models.UniqueConstraint(
                fields=["source", "external_id"],
                condition=~models.Q(external_id=""),
                name="product_external_id_once",
            )
        ]

    def __str__(self) -> str:
        return in_readers_language(self.name, chinese=self.name_zh)
