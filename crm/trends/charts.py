"""The pictures of the business trends: a small line for each measure, a bar for each year's shares of the demand."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from crm.charts import Chart
from crm.models import Account
from crm.tables import Cell, Column, Table
from crm.templatetags.ui import percent
from crm.trends.timeline import Series
from crm.trends.wallet import Wallet

MEASURES_SHOWN = 9
BARS_SHOWN = 8
# Ours is the page's own colour; the competitors' differ from it and from the grey of the unknown.
RIVAL_COLOURS = ("#f4b942", "#c2573f", "#5b6ee1", "#b04a8f", "#8a5a00", "#4a8fc2")


def measure_charts(series: list[Series]) -> list[Chart]:
    return [_measure_chart(number, one) for number, one in enumerate(series[:MEASURES_SHOWN], 1)]


def _measure_chart(number: int, series: Series) -> Chart:
    title = f"{series.measure} ({series.unit})" if series.unit else series.measure
    table = Table(
        f"measure-{number}",
        title,
        [Column(_("Date"), "date"), Column(title, "ratio")],
        [[day, value] for day, value in series.points],
    )
    option = {
        "legend": {"show": False},
        "grid": {"left": 8, "right": 16, "top": 12, "bottom": 4, "containLabel": True},
        # A date a category: months and years as labels, whatever their distance, on a narrow picture.
        "xAxis": {"type": "time", "splitNumber": 3, "axisLabel": {"hideOverlap": True, "fontSize": 10}},
        "yAxis": {"type": "value", "scale": True, "splitNumber": 3, "format": "compact"},
        "series": [
            {
                "name": title,
                "type": "line",
                "data": [[f"{day:%Y-%m-%d}", float(value)] for day, value in series.points],
                "tone": "primary",
                "symbolSize": 7,
                "format": "decimal",
            }
        ],
    }
    return Chart(table.slug, title, option, table.headers, table.texts(), "sm")


def wallet_chart(account: Account, wallets: list[Wallet]) -> Chart:
    """Stacked bars, one a year and family; what passes 100 % stands out at the right."""
    shown = [wallet for wallet in wallets if wallet.own is not None or wallet.rivals][:BARS_SHOWN]
    names = [_label(wallet) for wallet in shown]
    rivals = _rivals(shown)
    series = [_bars(_("We"), [wallet.own_uncapped for wallet in shown], tone="primary")]
    for name, colour in zip(rivals, RIVAL_COLOURS, strict=False):
        series.append(_bars(name, [_share_of(wallet, name) for wallet in shown], colour=colour))
    if len(rivals) > len(RIVAL_COLOURS):
        rest = rivals[len(RIVAL_COLOURS) :]
        series.append(
            _bars(
                _("Other competitors"),
                [sum(_share_of(w, name) or 0 for name in rest) or None for w in shown],
                colour="#7a869a",
            )
        )
    series.append(_bars(_("Unknown"), [wallet.unknown for wallet in shown], tone="muted"))
    highest = max((wallet.total for wallet in shown), default=1.0)
    option = {
        "legend": {"top": 0, "left": 0, "type": "scroll", "itemWidth": 12},
        "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}, "confine": True},
        "grid": {"left": 8, "right": 24, "top": 32, "bottom": 4, "containLabel": True},
        "xAxis": {"type": "value", "min": 0, "max": max(1.0, highest), "format": "percent"},
        "yAxis": {
            "type": "category",
            "data": names,
            "inverse": True,
            "axisLabel": {"width": 96, "overflow": "break"},
        },
        "series": series,
    }
    table = _wallet_table(account, wallets)
    height = "rows-4" if len(shown) <= 4 else "rows-8"
    return Chart(
        table.slug,
        table.title,
        option,
        table.headers,
        table.texts() if shown else [],
        height,
        table_open=True,
    )


def _wallet_table(account: Account, wallets: list[Wallet]) -> Table:
    address = reverse("crm:wallet-edit", args=[account.pk])
    rows = []
    for wallet in wallets:
        family = f"&family={wallet.family.pk}" if wallet.family else ""
        rows.append(
            [
                Cell(_label(wallet), url=f"{address}?year={wallet.year}{family}"),
                wallet.demand,
                wallet.ours,
                wallet.own,
                ", ".join(f"{competitor} {percent(share, 0)}" for competitor, share in wallet.rivals),
                wallet.unknown,
            ]
        )
    columns = [
        Column(_("Year"), "name"),
        Column(_("Demand"), "money"),
        Column(_("Our sales"), "money"),
        Column(_("Our share"), "percent"),
        Column(_("Competitors")),
        Column(_("Unknown"), "percent"),
    ]
    return Table("wallet", _("Share of wallet"), columns, rows)


def wallet_warnings(wallets: list[Wallet]) -> list[str]:
    """What does not add up, said rather than hidden."""
    found = []
    for wallet in wallets:
        if wallet.stale:
            found.append(
                _(
                    "%(year)s: we sold more than the demand on record (%(share)s). The estimate is too low: correct it."
                )
                % {"year": _label(wallet), "share": percent(wallet.own_uncapped, 0)}
            )
        elif wallet.excess:
            found.append(
                _(
                    "%(year)s: our share and the competitors' add up to %(share)s. One of the estimates is too high."
                )
                % {"year": _label(wallet), "share": percent(wallet.total, 0)}
            )
    return found


def _label(wallet: Wallet) -> str:
    return f"{wallet.year} · {wallet.family}" if wallet.family else str(wallet.year)


def _rivals(wallets: list[Wallet]) -> list[str]:
    """By their weight over all bars."""
    weights: dict[str, float] = {}
    for wallet in wallets:
        for competitor, share in wallet.rivals:
            weights[str(competitor)] = weights.get(str(competitor), 0.0) + share
    return sorted(weights, key=lambda name: (-weights[name], name))


def _share_of(wallet: Wallet, name: str) -> float | None:
    return next((share for competitor, share in wallet.rivals if str(competitor) == name), None)


def _bars(name: str, values: list[float | None], tone: str = "", colour: str = "") -> dict[str, object]:
    bars: dict[str, object] = {
        "name": name,
        "type": "bar",
        "stack": "wallet",
        "data": values,
        "format": "percent",
        "barMaxWidth": 28,
    }
    return bars | ({"tone": tone} if tone else {}) | ({"color": colour} if colour else {})
