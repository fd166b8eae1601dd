"""The stages that a new installation starts with: a usual list of industrial sales. Plain data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class UsualStage:
    name: str
    name_zh: str
    probability: int
    # (English, Chinese): what must be true before an opportunity leaves the stage.
    criteria: tuple[tuple[str, str], ...]


USUAL_STAGES = (
    UsualStage(
        "Inquiry",
        "询价",
        10,
        (
            ("Need, quantity and date are known", "需求、数量和时间已明确"),
            ("We know who decides", "已知道由谁决策"),
            ("There is a budget", "对方已有预算"),
        ),
    ),
    UsualStage(
        "Technical clarification",
        "技术交流",
        25,
        (
            ("Specification agreed with the engineers", "技术参数已与对方工程师确认"),
            ("We can make and deliver it", "我方能生产并能按期交货"),
        ),
    ),
    UsualStage(
        "Sample or trial",
        "试样",
        40,
        (
            ("Sample or trial passed", "样品或试用已通过"),
            ("The users of the goods speak for us", "使用部门支持我们"),
        ),
    ),
    UsualStage(
        "Quotation",
        "报价",
        55,
        (
            ("Quotation is with the decision maker", "报价已送到决策人手中"),
            ("Competitors and their prices are known", "竞争对手及其价格已了解"),
        ),
    ),
    UsualStage(
        "Negotiation",
        "商务谈判",
        75,
        (
            ("Price and payment terms agreed", "价格和付款条件已谈妥"),
            ("Delivery and warranty agreed", "交期和质保已谈妥"),
            ("No decision maker opposes us", "决策层无人反对"),
        ),
    ),
    UsualStage(
        "Order promised",
        "意向确认",
        90,
        (("The promise is in writing", "已有书面意向"), ("Order or contract received", "已收到订单或合同")),
    ),
)
