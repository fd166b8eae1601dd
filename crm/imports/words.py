# ruff: noqa: E501  (long lists of words)
"""The words by which headers and cells go, best first. Headers in the form of guessing.plain()."""

from __future__ import annotations

from crm.models import ImportKind


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_ACCOUNT = _words(
    "accountnumber accountno accountid customernumber customerno customercode customerid clientid clientno "
    "clientcode resellerid dealerid dealercode distributorid soldtoparty soldto buyerid account customer "
    "client reseller dealer 客户编号 客户编码 客户代码 客户号 客户id 购货单位编码 客户 购货单位 往来单位"
)
_ACCOUNT_NAME = _words(
    "accountname customername companyname clientname resellername dealername company 客户名称 公司名称 客户全称 单位名称 企业名称 名称"
)
_PRODUCT = _words(
    "productcode productnumber productno productid sku itemcode itemnumber itemno materialnumber materialcode "
    "material articlenumber article partnumber partno product item 产品编号 产品编码 产品代码 物料编码 物料编号 物料号 存货编码 "
    "商品编码 商品编号 料号 货号 品号 型号 产品 物料"
)
_PRODUCT_NAME = _words(
    "productname itemname materialname articlename description 产品名称 品名 物料名称 存货名称 商品名称"
)
_CURRENCY = _words("currency currencycode curr 币种 币别 货币 货币代码")
_PHONE = _words("phone telephone tel phonenumber 电话 联系电话 固定电话 座机")
_EMAIL = _words("email mail emailaddress 邮箱 电子邮箱 电子邮件 邮件")

LINE_NUMBER = frozenset(
    _words(
        "line lineno linenumber orderlinenumber salesorderlinenumber invoicelinenumber itemnumber position pos "
        "行号 序号 项次 行项目 行项目号 分录号"
    )
)

WORDS: dict[str, dict[str, tuple[str, ...]]] = {
    ImportKind.TRADE_LINES: {
        "external_id": _words(
            "externalid lineid orderlineid invoicelineid transactionid lineexternalid id 明细编号 明细id 行id 流水号 单据行号"
        ),
        "account": _ACCOUNT,
        "account_name": _ACCOUNT_NAME,
        "traded_on": _words(
            "tradedon invoicedate orderdate date transactiondate billingdate postingdate documentdate salesdate tradedate "
            "日期 开票日期 订单日期 销售日期 单据日期 交易日期 下单日期 出库日期 发货日期"
        ),
        "order_number": _words(
            "ordernumber orderno orderid salesordernumber salesorder invoicenumber invoiceno invoiceid documentnumber order "
            "订单号 订单编号 销售订单号 销售单号 单据编号 单据号 发票号 合同号 单号"
        ),
        "product": _PRODUCT,
        "product_name": _PRODUCT_NAME,
        "quantity": _words(
            "quantity qty orderquantity orderqty quantityordered invoicedquantity units 数量 销售数量 订单数量 订货数量 实发数量"
        ),
        "unit_price": _words(
            "unitprice price priceeach netprice salesprice 单价 销售单价 不含税单价 未税单价"
        ),
        "list_price": _words(
            "listprice catalogprice catalogueprice msrp grossprice 目录价 标价 牌价 列表价 面价"
        ),
        "discount": _words("discountamount discountamt rebate 折扣额 折扣金额 优惠金额 折让"),
        "discount_fraction": _words(
            "discount discountrate discountfraction discountpct unitpricediscountpct 折扣率 折扣"
        ),
        "discount_percent": _words("discountpercent discountpercentage discount discountpct 折扣率 折扣"),
        "net_amount": _words(
            "netamount netsales netvalue salesamount lineamount linetotal amount revenue sales total "
            "金额 销售额 销售金额 净额 不含税金额 未税金额 本币金额"
        ),
        "cost": _words(
            "cost totalcost linecost totalproductcost costamount cogs costofsales 成本 成本金额 总成本 销售成本"
        ),
        "unit_cost": _words("unitcost standardcost productstandardcost costprice 单位成本 成本单价 标准成本"),
        "marketing_cost": _words("marketingcost 营销成本 营销费用 市场费用"),
        "payment_days": _words("paymentdays daystopay daysoutstanding paymentterm 付款天数 回款天数 账期"),
        "financing_rate": _words("financingrate 资金利率 财务利率"),
        "currency": _CURRENCY,
        "exchange_rate": _words("exchangerate fxrate 汇率"),
        "cancelled": _words("cancelled canceled iscancelled 作废 是否作废 已取消 是否取消"),
    },
    ImportKind.ACCOUNTS: {
        "external_id": _words(
            "externalid accountid customerid clientid resellerid dealerid distributorid 外部编号 id"
        ),
        "number": _words(
            "accountnumber number accountno customernumber customerno customercode customerid clientcode clientno "
            "accountid 客户编号 客户编码 客户代码 客户号 编号 编码"
        ),
        "name": ("name", *_ACCOUNT_NAME),
        "short_name": _words("shortname abbreviation 简称 客户简称"),
        "english_name": _words("englishname nameenglish 英文名称 英文名"),
        "former_name": _words("formername 曾用名"),
        "kind": _words("kind accountkind customerkind 客户类别"),
        "parent": _words("parent parentaccount parentgroup group 上级客户 集团 母公司"),
        "supplier": _words("supplier distributor buysthrough 经销商 代理商"),
        "owner": _words("owner salesrep username 业务员账号"),
        "territory": _words("territory salesterritory 销售区域 大区"),
        "registration_number": _words(
            "registrationnumber taxnumber vatnumber 统一社会信用代码 税号 信用代码"
        ),
        "industry": _words("industry sector businesstype 行业 所属行业"),
        "industry_code": _words("industrycode 行业代码"),
        "isic_code": _words("isic isiccode"),
        "country": _words("country countryname 国家 国家地区"),
        "region": _words("region state province stateprovince 省份 省 州"),
        "city": _words("city town 城市 市"),
        "postal_code": _words("postalcode postcode zip zipcode 邮编 邮政编码"),
        "address": _words("address addressline1 street streetaddress 地址 详细地址 公司地址"),
        "phone": _PHONE,
        "fax": _words("fax 传真"),
        "email": _EMAIL,
        "website": _words("website web url homepage 网站 网址 官网"),
        "industry_position": _words("industryposition 行业地位"),
        "employees": _words("employees numberemployees numberofemployees headcount 员工数 员工人数 人数"),
        "annual_revenue": _words("annualrevenue annualsales revenue turnover 年营业额 年销售额 年收入"),
        "first_contact_on": _words("firstcontact firstcontacton 首次接触 首次联系日期"),
        "contract_from": _words("contractfrom 合同开始 合同起"),
        "contract_to": _words("contractto 合同结束 合同止"),
        "payment_days": _words("paymentdays paymentterm 账期 付款天数"),
        "currency": _CURRENCY,
    },
    ImportKind.PRODUCTS: {
        "external_id": _words("externalid productid itemid id"),
        "code": ("code", *_PRODUCT),
        "name": ("name", *_PRODUCT_NAME),
        "name_zh": _words("namezh chinesename 中文名称 中文名"),
        "family": _words(
            "family productfamily category productcategory productgroup 产品类别 产品族 类别 分类 产品线"
        ),
        "base_unit": _words("unit baseunit uom 单位 计量单位"),
        "list_price": _words("listprice unitprice price msrp 目录价 标价 单价 售价"),
        "unit_cost": _words("unitcost standardcost cost 单位成本 标准成本 成本"),
    },
    ImportKind.CONTACTS: {
        "external_id": _words("externalid contactid personid 联系人编号 id"),
        "name": _words("name contactname contact fullname person 姓名 联系人 联系人姓名"),
        "account": (*_ACCOUNT, *_ACCOUNT_NAME),
        "english_name": _words("englishname 英文名"),
        "email": _EMAIL,
        "phone": _PHONE,
        "mobile": _words("mobile mobilephone cell cellphone 手机 手机号 移动电话"),
        "wechat": _words("wechat weixin 微信 微信号"),
        "note": _words("note notes remark comment 备注 说明"),
        "title": _words("title jobtitle contacttitle 职务 职位 头衔"),
        "department": _words("department dept 部门"),
        "influence": _words("influence 影响力"),
    },
    ImportKind.EXCHANGE_RATES: {
        "currency": _CURRENCY,
        "valid_on": _words("validon validfrom date ratedate 日期 生效日期 有效日期"),
        "rate": _words("rate exchangerate fxrate 汇率 中间价"),
    },
}

# Words for a choice, beside its own name.
CHOICE_WORDS: dict[str, str] = {
    "客户": "customer", "直接客户": "customer", "经销商": "distributor", "代理商": "distributor", "潜在客户": "prospect",
    "内部客户": "internal", "决策者": "decider", "最终决策者": "decider", "影响者": "influencer", "谈判者": "negotiator",
    "执行者": "executor", "使用者": "user", "把关者": "gatekeeper", "支持": "1", "中立": "0", "反对": "-1",
}  # fmt: skip
