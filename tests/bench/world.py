"""A synthetic company of any size, made inside PostgreSQL: heavy-tailed customers, five years of trade."""

from __future__ import annotations

import datetime as dt

from django.db import connection

AS_OF = dt.date(2025, 12, 31)
# Repeatable without a random generator: a hash of the row's own number, spread over [0, 1).
NOISE = "((hashint8extended({0}, {1}) & 1048575) / 1048576.0)"

ACCOUNTS = f"""
INSERT INTO crm_account (number, name, short_name, english_name, former_name, kind, registration_number, industry,
    industry_code, isic_code, country, region, city, postal_code, address, phone, fax, email, website,
    industry_position, currency, custom, search_text, sort_name, revision, created_at, updated_at, owner_id,
    territory_id)
SELECT 'B' || lpad(i::text, 8, '0'), 'Bench customer ' || i, '', '', '', 'customer', '',
    (ARRAY['Pumps', 'Motors', 'Gearboxes', 'Wind power'])[1 + i %% 4], '', '', 'China',
    (ARRAY['Zhejiang', 'Jiangsu', 'Guangdong', 'Shandong'])[1 + i %% 4], '', '', '', '', '', '', '',
    1 + floor(5 * {NOISE.format("i", 1)})::int, 'CNY', '{{}}', 'bench customer ' || i || ' b' || lpad(i::text, 8, '0'),
    'bench customer ' || lpad(i::text, 8, '0'), 0, now() - interval '1 day', now() - interval '1 day',
    %(owner)s, %(territory)s
FROM generate_series(1, %(accounts)s) AS i
"""

# Days of trade per account: Pareto with shape 2, so a few customers trade every week and most a few times a year.
LINES = f"""
INSERT INTO crm_tradeline (account_id, product_id, source, external_id, traded_on, order_number, quantity, unit_price,
    discount, net_amount, cost, payment_days, financing_rate, currency, exchange_rate, cancelled)
SELECT d.id, %(product)s + (line %% 50), 'bench', d.id || '-' || d.n || '-' || line, d.traded_on,
    d.id || '-' || d.n, 1 + floor(40 * {NOISE.format("d.seed + line", 5)}), 20 + (line * 7) %% 90,
    round((10 * {NOISE.format("d.seed + line", 6)})::numeric, 2),
    round(((1 + floor(40 * {NOISE.format("d.seed + line", 5)})) * (20 + (line * 7) %% 90))::numeric, 2)
        - round((10 * {NOISE.format("d.seed + line", 6)})::numeric, 2),
    round(((1 + floor(40 * {NOISE.format("d.seed + line", 5)})) * (20 + (line * 7) %% 90)
        * (0.55 + 0.5 * {NOISE.format("d.seed", 7)}))::numeric, 2),
    60, 0.06, 'CNY', 1, false
FROM (
    SELECT a.id, n, a.id * 1000 + n AS seed,
        %(as_of)s::date - floor(1825 * {NOISE.format("a.id * 1000 + n", 3)})::int AS traded_on
    FROM crm_account a,
        LATERAL generate_series(1, least(240, greatest(1, round(%(days)s / 2.0
            / sqrt(1 - {NOISE.format("a.id", 2)}))))::int) AS n
    WHERE a.id BETWEEN %(lower)s AND %(upper)s
) AS d, LATERAL generate_series(1, 1 + floor(7 * {NOISE.format("d.seed", 4)})::int) AS line
"""


def build(accounts: int, lines_per_account: int, owner_id: int, territory_id: int) -> int:
    """Fill the tables; returns the number of trade lines. Four lines a day on average."""
    from crm.models import Product

    with connection.cursor() as cursor:
        cursor.execute(ACCOUNTS, {"accounts": accounts, "owner": owner_id, "territory": territory_id})
        products = Product.objects.bulk_create(
            [
                Product(code=f"B{i}", name=f"Bearing {i}", source="bench", external_id=f"B{i}")
                for i in range(50)
            ]
        )
        cursor.execute("SELECT min(id), max(id) FROM crm_account")
        first, last = cursor.fetchone()
        total = 0
        step = 10_000
        for lower in range(first, last + 1, step):
            cursor.execute(
                LINES,
                {
                    "product": products[0].pk,
                    "as_of": AS_OF,
                    "days": lines_per_account / 4,
                    "lower": lower,
                    "upper": lower + step - 1,
                },
            )
            total += cursor.rowcount
    return total
