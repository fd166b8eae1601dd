"""Industry codes: GB/T 4754-2017 (the Chinese standard) and ISIC Rev. 4 (the United Nations'), sections and divisions.

Both write a section as a letter and below it a division of two digits, a group of three, a class of four. The tables
hold the sections, and of manufacturing the divisions: what our customers are. Any other code of the right form is
accepted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

FORM = re.compile(r"([A-Z])?(\d{2,4})?")


@dataclass(frozen=True)
class Standard:
    """`sections`: letter -> first and last division, English name, Chinese name; `divisions` of manufacturing."""

    sections: Mapping[str, tuple[int, int, str, str]]
    divisions: Mapping[str, tuple[str, str]]

    def checked(self, text: str) -> str | None:
        """The code in capitals without blanks; None where the standard cannot have such a code."""
        code = "".join(text.split()).upper()
        match = FORM.fullmatch(code)
        if not match or not code:
            return None
        letter, digits = match.groups()
        if letter and letter not in self.sections:
            return None
        if digits and self._section(int(digits[:2])) not in ({letter} if letter else set(self.sections)):
            return None
        return code

    def name(self, code: str, *, chinese: bool) -> str:
        """Of its division, else of its section; "" where neither is known."""
        match = FORM.fullmatch(code)
        if not match or not code:
            return ""
        letter, digits = match.groups()
        if digits and digits[:2] in self.divisions:
            return self.divisions[digits[:2]][chinese]
        section = letter or (self._section(int(digits[:2])) if digits else "")
        return self._title(section, chinese) if section in self.sections else ""

    def choices(self, *, chinese: bool) -> list[tuple[str, str]]:
        """For a list to pick from: sections, and the divisions of manufacturing after their letter."""
        found: list[tuple[str, str]] = []
        for letter in self.sections:
            found.append((letter, self._title(letter, chinese)))
            if letter == "C":
                found += [(f"C{code}", names[chinese]) for code, names in self.divisions.items()]
        return found

    def _title(self, letter: str, chinese: bool) -> str:
        _first, _last, english, in_chinese = self.sections[letter]
        return in_chinese if chinese else english

    def _section(self, division: int) -> str:
        for letter, (first, last, _en, _zh) in self.sections.items():
            if first <= division <= last:
                return letter
        return ""


GBT = Standard(
    {
        "A": (1, 5, "Agriculture, forestry, animal husbandry and fishery", "农、林、牧、渔业"),
        "B": (6, 12, "Mining", "采矿业"),
        "C": (13, 43, "Manufacturing", "制造业"),
        "D": (44, 46, "Electricity, heat, gas and water", "电力、热力、燃气及水生产和供应业"),
        "E": (47, 50, "Construction", "建筑业"),
        "F": (51, 52, "Wholesale and retail trade", "批发和零售业"),
        "G": (53, 60, "Transport, storage and post", "交通运输、仓储和邮政业"),
        "H": (61, 62, "Hotels and catering", "住宿和餐饮业"),
        "I": (63, 65, "Information transmission, software and IT services", "信息传输、软件和信息技术服务业"),
        "J": (66, 69, "Finance", "金融业"),
        "K": (70, 70, "Real estate", "房地产业"),
        "L": (71, 72, "Leasing and business services", "租赁和商务服务业"),
        "M": (73, 75, "Scientific research and technical services", "科学研究和技术服务业"),
        "N": (76, 79, "Water conservancy, environment and public facilities", "水利、环境和公共设施管理业"),
        "O": (80, 82, "Household services, repair and other services", "居民服务、修理和其他服务业"),
        "P": (83, 83, "Education", "教育"),
        "Q": (84, 85, "Health and social work", "卫生和社会工作"),
        "R": (86, 90, "Culture, sports and entertainment", "文化、体育和娱乐业"),
        "S": (
            91,
            96,
            "Public administration, social security and organisations",
            "公共管理、社会保障和社会组织",
        ),
        "T": (97, 97, "International organisations", "国际组织"),
    },
    {
        "13": ("Processing of farm and sideline food", "农副食品加工业"),
        "14": ("Food", "食品制造业"),
        "15": ("Liquor, beverages and refined tea", "酒、饮料和精制茶制造业"),
        "16": ("Tobacco", "烟草制品业"),
        "17": ("Textiles", "纺织业"),
        "18": ("Clothing", "纺织服装、服饰业"),
        "19": ("Leather, fur, feather and footwear", "皮革、毛皮、羽毛及其制品和制鞋业"),
        "20": ("Wood, bamboo, rattan and straw products", "木材加工和木、竹、藤、棕、草制品业"),
        "21": ("Furniture", "家具制造业"),
        "22": ("Paper and paper products", "造纸和纸制品业"),
        "23": ("Printing and recorded media", "印刷和记录媒介复制业"),
        "24": ("Goods for culture, education, sports and recreation", "文教、工美、体育和娱乐用品制造业"),
        "25": ("Petroleum, coal and other fuels", "石油、煤炭及其他燃料加工业"),
        "26": ("Chemical raw materials and chemical products", "化学原料和化学制品制造业"),
        "27": ("Medicine", "医药制造业"),
        "28": ("Chemical fibres", "化学纤维制造业"),
        "29": ("Rubber and plastics", "橡胶和塑料制品业"),
        "30": ("Non-metallic mineral products", "非金属矿物制品业"),
        "31": ("Smelting and rolling of ferrous metals", "黑色金属冶炼和压延加工业"),
        "32": ("Smelting and rolling of non-ferrous metals", "有色金属冶炼和压延加工业"),
        "33": ("Metal products", "金属制品业"),
        "34": ("General-purpose machinery", "通用设备制造业"),
        "35": ("Special-purpose machinery", "专用设备制造业"),
        "36": ("Motor vehicles", "汽车制造业"),
        "37": (
            "Railway, ships, aircraft and other transport equipment",
            "铁路、船舶、航空航天和其他运输设备制造业",
        ),
        "38": ("Electrical machinery and equipment", "电气机械和器材制造业"),
        "39": ("Computers, communication and other electronics", "计算机、通信和其他电子设备制造业"),
        "40": ("Instruments and meters", "仪器仪表制造业"),
        "41": ("Other manufacturing", "其他制造业"),
        "42": ("Recycling of waste", "废弃资源综合利用业"),
        "43": ("Repair of metal products, machinery and equipment", "金属制品、机械和设备修理业"),
    },
)
ISIC = Standard(
    {
        "A": (1, 3, "Agriculture, forestry and fishing", "农业、林业及渔业"),
        "B": (5, 9, "Mining and quarrying", "采矿和采石"),
        "C": (10, 33, "Manufacturing", "制造业"),
        "D": (35, 35, "Electricity, gas, steam and air conditioning supply", "电、煤气、蒸气和空调的供应"),
        "E": (36, 39, "Water supply; sewerage and waste management", "供水;污水处理、废物管理和补救活动"),
        "F": (41, 43, "Construction", "建筑业"),
        "G": (
            45,
            47,
            "Wholesale and retail trade; repair of motor vehicles",
            "批发和零售业;汽车和摩托车的修理",
        ),
        "H": (49, 53, "Transportation and storage", "运输和储存"),
        "I": (55, 56, "Accommodation and food service", "食宿服务活动"),
        "J": (58, 63, "Information and communication", "信息和通信"),
        "K": (64, 66, "Financial and insurance activities", "金融和保险活动"),
        "L": (68, 68, "Real estate activities", "房地产活动"),
        "M": (69, 75, "Professional, scientific and technical activities", "专业、科学和技术活动"),
        "N": (77, 82, "Administrative and support services", "行政和辅助活动"),
        "O": (84, 84, "Public administration and defence", "公共管理与国防;强制性社会保障"),
        "P": (85, 85, "Education", "教育"),
        "Q": (86, 88, "Human health and social work", "人体健康和社会工作活动"),
        "R": (90, 93, "Arts, entertainment and recreation", "艺术、娱乐和文娱活动"),
        "S": (94, 96, "Other services", "其他服务活动"),
        "T": (97, 98, "Households as employers", "家庭作为雇主的活动"),
        "U": (99, 99, "Extraterritorial organisations", "国际组织和机构的活动"),
    },
    {
        "10": ("Food products", "食品的制造"),
        "11": ("Beverages", "饮料的制造"),
        "12": ("Tobacco products", "烟草制品的制造"),
        "13": ("Textiles", "纺织品的制造"),
        "14": ("Wearing apparel", "服装的制造"),
        "15": ("Leather and related products", "皮革和相关产品的制造"),
        "16": ("Wood and products of wood and cork", "木材、木材制品和软木制品的制造"),
        "17": ("Paper and paper products", "纸和纸制品的制造"),
        "18": ("Printing and recorded media", "记录媒介物的印制及复制"),
        "19": ("Coke and refined petroleum products", "焦炭和精炼石油产品的制造"),
        "20": ("Chemicals and chemical products", "化学品及化学制品的制造"),
        "21": ("Pharmaceuticals", "药品的制造"),
        "22": ("Rubber and plastics products", "橡胶和塑料制品的制造"),
        "23": ("Other non-metallic mineral products", "其他非金属矿物制品的制造"),
        "24": ("Basic metals", "基本金属的制造"),
        "25": ("Fabricated metal products", "金属制品的制造,机械设备除外"),
        "26": ("Computer, electronic and optical products", "计算机、电子产品和光学产品的制造"),
        "27": ("Electrical equipment", "电力设备的制造"),
        "28": ("Machinery and equipment n.e.c.", "未另分类的机械和设备的制造"),
        "29": ("Motor vehicles, trailers and semi-trailers", "汽车、挂车和半挂车的制造"),
        "30": ("Other transport equipment", "其他运输设备的制造"),
        "31": ("Furniture", "家具的制造"),
        "32": ("Other manufacturing", "其他制造业"),
        "33": ("Repair and installation of machinery", "机械和设备的修理和安装"),
    },
)
