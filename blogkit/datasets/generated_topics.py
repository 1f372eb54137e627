"""Topics of the generated tables, with their columns and the values of cells."""

import dataclasses

import numpy as np


@dataclasses.dataclass(frozen=True)
class Column:
    """A column of a topic, called by any of its names in questions and headers.

    A text cell joins one option of each of `parts`; a `short` value leaves out the last part. A real cell
    is `low` plus a multiple of `step`, up to `high`. Questions may give a value of a `bare` column
    without naming the column.
    """

    names: tuple
    kind: str
    parts: tuple = ()
    short: bool = False
    bare: bool = False
    low: float = 0
    high: float = 0
    step: float = 1

    def cell(self, rng: np.random.Generator) -> str | float:
        """Draw a cell, text or a float."""
        if self.kind == "text":
            return "".join(options[rng.integers(len(options))] for options in self.parts)
        steps = round((self.high - self.low) / self.step)
        return float(round(self.low + int(rng.integers(steps + 1)) * self.step, 6))


def _text(names, *parts, short=False, bare=False):
    """Text column; each of `parts` is words separated by spaces, single characters, or a tuple."""
    split = (tuple(part.split() if isinstance(part, str) and " " in part else part) for part in parts)
    return Column(tuple(names.split()), "text", tuple(split), short, bare)


def _real(names, low, high, step=1):
    return Column(tuple(names.split()), "real", low=low, high=high, step=step)


_SURNAMES = "赵钱孙李周吴郑王冯陈蒋沈韩杨朱秦许何吕张孔曹严金魏陶姜谢邹苏潘葛范彭鲁马方任袁柳唐薛雷贺罗毕安常康余顾孟黄穆萧姚邵汪"
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂英华玉兰红建国文辉力志义海山波宁福生龙元胜学祥才发武新利清飞彬富顺信子"
_CITIES = "北京 上海 广州 深圳 杭州 南京 苏州 武汉 成都 重庆 西安 长沙 青岛 大连 厦门 宁波 福州 济南 合肥 昆明 郑州 沈阳"
_PROVINCES = (
    "河北 山西 辽宁 吉林 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 广东 四川 贵州 云南 陕西 甘肃 青海"
)
_DISTRICTS = "东城 西城 朝阳 海淀 丰台 江北 江南 滨江 天河 越秀 玄武 鼓楼 和平 新城 南山 福田"
_FIRST = "青春 长河 白马 星空 远山 晨光 秋水 北风 金色 流浪 无声 黎明 少年 雪国 春江 孤岛"
_SECOND = "故事 往事 传说 之歌 岁月 旅程 时代 来信 之夜 迷城 花园 行动 风云 谜案 日记 归途"
_PERSON = (_SURNAMES, _GIVEN, _GIVEN)


TOPICS = {
    "电影": (
        _text("影片 电影 片名", _FIRST, _SECOND),
        _text("导演 执导者", *_PERSON),
        _text("类型 题材", "喜剧 动作 爱情 科幻 悬疑 动画 战争 剧情", "片", short=True, bare=True),
        _real("票房 票房收入", 1000, 90000, 500),
        _real("评分 得分", 3, 9.8, 0.1),
        _real("场次 排片", 20, 900),
        _real("观众 人次", 10, 800),
    ),
    "房源": (
        _text(
            "小区 楼盘", "阳光 锦绣 翠湖 金地 万科 绿城 碧桂 保利 龙湖 天安", "花园 家园 名苑 新城 公馆 雅居"
        ),
        _text("城区 区域", _DISTRICTS, "区", short=True, bare=True),
        _text("户型 房型", "一居 两居 三居 四居 复式", bare=True),
        _real("面积 建筑面积", 30, 240),
        _real("单价 均价", 5000, 99000, 500),
        _real("楼层 层数", 1, 33),
        _real("房龄 楼龄", 1, 40),
    ),
    "天气": (
        _text("城市 地点", _CITIES, "市", short=True, bare=True),
        _text("天气 天气状况", "晴 多云 阴 小雨 大雨 雷阵雨 小雪 雾"),
        _text("风向 风", "东风 南风 西风 北风 东南风 西北风"),
        _real("气温 温度", -20, 40),
        _real("湿度 相对湿度", 10, 99),
        _real("降雨量 雨量", 0, 90, 0.5),
        _real("风速 风力", 1, 12),
    ),
    "股票": (
        _text(
            "股票 股票名称",
            "中国 华夏 东方 长江 国泰 南方 新华 天成",
            "银行 石油 电力 科技 医药 钢铁 食品 通信",
        ),
        _text("行业 板块", "金融 能源 零售 医疗 信息 材料 房地产", "业", short=True, bare=True),
        _real("收盘价 股价", 2, 180, 0.1),
        _real("涨幅 涨跌幅", -9.9, 9.9, 0.1),
        _real("成交量 交易量", 1000, 90000, 500),
        _real("市盈率 估值", 5, 120),
        _text("评级 建议", "买入 增持 中性 减持 卖出"),
    ),
    "学校": (
        _text("学校 校名", _CITIES, "大学 师范大学 理工大学 医学院 外国语大学"),
        _text("省份 所在省", _PROVINCES, "省", short=True, bare=True),
        _text("校长 负责人", *_PERSON),
        _real("学生数 在校生", 2000, 60000, 500),
        _real("教师数 老师人数", 200, 4000, 50),
        _real("专业数 专业", 20, 130),
        _real("排名 名次", 1, 300),
    ),
    "手机": (
        _text("型号 机型", "华为 小米 荣耀 三星 苹果 魅族 中兴 联想", "3 5 6 7 8 9 X Z", "0 1 2 3 S"),
        _text("颜色 机身颜色", "黑 白 金 蓝 红 银", "色", short=True, bare=True),
        _text("产地 生产地", _CITIES),
        _real("价格 售价", 500, 9900, 100),
        _real("内存 容量", 2, 16, 2),
        _real("电池 电量", 2000, 6000, 100),
        _real("重量 机重", 120, 260),
    ),
    "图书": (
        _text("书名 图书", _FIRST, _SECOND),
        _text("作者 著者", *_PERSON),
        _text("出版社 出版方", "人民 中华 商务 新世界 文艺 少年 科学 长城", ("出版社",), short=True),
        _real("定价 书价", 10, 200),
        _real("页数 页码", 80, 900),
        _real("销量 销售量", 1000, 90000, 500),
        _text("装帧 版式", "平装 精装 线装", bare=True),
    ),
    "球员": (
        _text("球员 运动员", *_PERSON),
        _text("球队 俱乐部", _CITIES, "雄鹰 猛虎 飞龙 骑士 火箭", "队", short=True),
        _text("位置 司职", "前锋 中锋 后卫 门将 中场", bare=True),
        _real("身高 个头", 165, 220),
        _real("年龄 岁数", 17, 40),
        _real("进球 进球数", 0, 45),
        _real("身价 转会费", 1000, 90000, 500),
    ),
}
UNSEEN_TOPICS = {
    "列车": (
        _text("车次 列车", "高铁 动车 特快 直达", "1 2 3 4 5 6 7 8", "01 12 23 34 45 56 67 78"),
        _text("始发站 起点", _CITIES, "站", short=True, bare=True),
        _text("席别 座位", "硬座 软座 硬卧 软卧 商务座", bare=True),
        _real("票价 车票价格", 20, 1500, 10),
        _real("时长 运行时间", 1, 40),
        _real("余票 剩余车票", 0, 600),
        _real("里程 全程", 80, 4000, 10),
    ),
    "餐馆": (
        _text("店名 餐馆", "老街 外婆 江边 蜀国 渔家 胡同 竹林 海天", "酒家 饭店 小馆 食府"),
        _text("菜系 口味", "川菜 粤菜 鲁菜 湘菜 浙菜 徽菜", bare=True),
        _text("商圈 地段", _DISTRICTS, "广场 大街", short=True),
        _real("人均 人均消费", 20, 800, 5),
        _real("桌数 桌子", 5, 90),
        _real("评论数 点评", 10, 9900, 10),
        _text("老板 店主", *_PERSON),
    ),
}
