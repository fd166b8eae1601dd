"""Words of which the bench composes companies and people, all invented."""


def _words(text: str) -> list[str]:
    return text.split()


CITIES = _words("""
杭州 宁波 温州 绍兴 无锡 苏州 常州 南通 徐州 上海 广州 深圳 佛山 东莞 济南 青岛 烟台 潍坊 郑州 洛阳 武汉 长沙 株洲
重庆 成都 西安 沈阳 大连 哈尔滨 长春 太原 合肥 芜湖 福州 厦门 泉州 南昌 昆明 天津 唐山
""")
BRANDS = (
    "恒泰华盛金龙宏远天宇海鑫永兴瑞丰东方力源新德昌顺达通明博凯精工三联振江嘉禾铭佳正元信立安康北辰卓越九洲飞腾中和伟业百川雅"
    "固强双富士国润祥云启航聚合万里长青"
)
TRADES = _words("""
泵业 电机 减速机 轴承 机床 风电装备 矿山机械 纺织机械 汽车零部件 重工 阀门 压缩机 起重设备 塑料机械
食品机械 包装设备 钢铁
造纸 水泥装备 轨道交通 农业机械 液压件 工具 链条
""")
STEMS = _words("""
Nordic Kessel Hanover Rhône Atlas Bavaria Lindqvist Castell Marengo
Ostrava Tampere Novara Gdansk Zagreb Bilbao Porto Antwerp Leeds Dundee
Cork Turku Malmo Basel Graz Kosice Varna Izmir Pune Chennai Osaka
Nagoya Busan Perth Denver Tulsa Akron Laredo Cordoba Santos Callao
""")
GOODS = _words("""
Pumps Motors Gearboxes Bearings Machinery Windpower Mining Textile
Automotive Steelworks Valves Compressors Cranes Plastics Foods
Packaging Paper Cement Railways Tractors Hydraulics Tooling Chains
Robotics
""")
FAMILY = (
    "王李张刘陈杨黄赵周吴徐孙马朱胡郭何林罗高梁郑谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈姜崔钟谭陆汪范金"
    "石廖贾夏韦付方邹熊白孟秦邱侯江尹薛闫段雷龙史陶贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂英华玉兰红梅建国志文斌海波辉鹏飞宇浩然子涵欣怡雨桐梓轩思源俊毅晓东佳慧婷雪琳倩"
    "颖"
)
