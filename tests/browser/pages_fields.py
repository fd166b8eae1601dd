"""The account list with further fields as columns, its filters, and the columns of a file that may fill them."""

from __future__ import annotations

from django.core.files.base import ContentFile

from crm.imports.batches import receive
from crm.models import Account, CustomField, CustomFieldKind, User

MADE = [
    {"code": "plants", "name": "Plants", "name_zh": "工厂数", "kind": "number", "unit": "家"},
    {"code": "audited_on", "name": "Audited on", "name_zh": "审计日期", "kind": "date"},
    {"code": "exports", "name": "Exports", "name_zh": "是否出口", "kind": "yes_no"},
    {"code": "unloading", "name": "Unloading", "name_zh": "卸货要求", "kind": "text"},
    {
        "code": "terms",
        "name": "Delivery terms",
        "name_zh": "交货条款",
        "kind": "choice",
        "choices": [
            {"value": "exw", "mark": 1, "name": "Ex works", "name_zh": "工厂交货"},
            {"value": "dap", "mark": 2, "name": "Delivered", "name_zh": "目的地交货"},
            {"value": "fca", "mark": 3, "name": "Free carrier", "name_zh": "货交承运人"},
        ],
    },
]


def paths(user: User, account: Account) -> dict[str, str]:
    for order, values in enumerate(MADE, start=20):
        CustomField.objects.get_or_create(code=values["code"], defaults={**values, "order": order})
    chinese = user.language.startswith("zh")
    unloading = "Mornings only, fork-lift to be booked a day before, signed by the head of the store"
    if chinese:
        unloading = "仅限上午卸货，须提前一天预约叉车，并由仓库主管签收。"
    for place, each in enumerate(Account.objects.order_by("pk")[:40]):
        each.custom = {
            **each.custom,
            "plants": place % 7 + (0.5 if place % 3 == 0 else 0),
            "terms": ("exw", "dap", "fca")[place % 3],
            "exports": place % 2 == 0,
            "audited_on": f"2025-{place % 12 + 1:02}-15",
            "unloading": unloading,
        }
        each.save(update_fields=["custom"])
    codes = [field.code for field in CustomField.objects.filter(archived_at=None)]
    columns = "&".join(f"columns=custom_{code}" for code in codes)
    chosen = "custom_terms=exw&custom_terms=dap&custom_plants.from=1"
    header = ",".join(["number", "name", *(str(values["name_zh" if chinese else "name"]) for values in MADE)])
    file = ContentFile(f"{header}\nX1,某厂,3,2025-05-31,是,无,工厂交货\n".encode())
    batch, _new = receive(user=user, main=("客户.csv", file), kind="accounts", source="erp")
    assert CustomField.objects.filter(kind=CustomFieldKind.CHOICE, archived_at=None).exists()
    return {
        "accounts, further columns": f"/accounts/?{columns}&columns=owner&{chosen}&sort=-custom_plants",
        "filters of further fields": f"/accounts/filters/?{chosen}",
        "accounts, a field that is gone": "/accounts/?custom_gone=1",
        "import of accounts, columns": f"/imports/{batch.pk}/",
    }
