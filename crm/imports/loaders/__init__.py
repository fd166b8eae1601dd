"""One loader for each kind of import."""

from __future__ import annotations

from crm.imports.loaders.accounts import AccountLoader
from crm.imports.loaders.base import Loader
from crm.imports.loaders.contacts import ContactLoader
from crm.imports.loaders.exchange_rates import ExchangeRateLoader
from crm.imports.loaders.products import ProductLoader
from crm.imports.loaders.trade_lines import TradeLineLoader
from crm.models import ImportKind

LOADERS: dict[str, type[Loader]] = {
    ImportKind.TRADE_LINES: TradeLineLoader,
    ImportKind.ACCOUNTS: AccountLoader,
    ImportKind.PRODUCTS: ProductLoader,
    ImportKind.CONTACTS: ContactLoader,
    ImportKind.EXCHANGE_RATES: ExchangeRateLoader,
}
