"""Names and templates of the generated sentences, and twenty sentences written by hand.

Letters in braces are slots of a template: w, x works; a, b, c, d persons; e a company; s a
school; p a publisher; t a date; l a city; n a country. The part after `|` lists the triples of
the template, `subject predicate object;`, by these letters. A story is `(weight, heads, tails)`;
a clause is one of its heads, followed by any number of its tails.
"""

import numpy as np

PLACES = dict(
    a="person",
    b="person",
    c="person",
    d="person",
    w="work",
    x="work",
    e="company",
    s="school",
    p="publisher",
    t="date",
    l="city",
    n="country",
)
SCHEMAS = (  # type of the subject, predicate, type of the object, as in SKE 2019
    ("影视作品", "导演", "人物"),
    ("影视作品", "主演", "人物"),
    ("影视作品", "编剧", "人物"),
    ("影视作品", "出品公司", "企业"),
    ("影视作品", "上映时间", "Date"),
    ("歌曲", "歌手", "人物"),
    ("歌曲", "作词", "人物"),
    ("歌曲", "作曲", "人物"),
    ("歌曲", "所属专辑", "音乐专辑"),
    ("图书作品", "作者", "人物"),
    ("书籍", "出版社", "出版社"),
    ("人物", "国籍", "国家"),
    ("人物", "出生地", "地点"),
    ("人物", "出生日期", "Date"),
    ("人物", "毕业院校", "学校"),
    ("人物", "妻子", "人物"),
    ("人物", "丈夫", "人物"),
    ("人物", "父亲", "人物"),
    ("企业", "创始人", "人物"),
    ("企业", "董事长", "人物"),
    ("企业", "总部地点", "地点"),
    ("企业", "成立日期", "Date"),
)
STORIES = (
    (
        4,
        (
            "《{w}》由{a}执导，{b}、{c}主演|w 导演 a; w 主演 b; w 主演 c;",
            "{a}执导的电影《{w}》，{b}领衔主演|w 导演 a; w 主演 b;",
            "{a}自编自导的《{w}》|w 导演 a; w 编剧 a;",
            "电影《{w}》的导演{a}称赞了主演{b}|w 导演 a; w 主演 b;",
        ),
        ("，{e}出品|w 出品公司 e;", "，{d}担任编剧|w 编剧 d;", "，于{t}上映|w 上映时间 t;"),
    ),
    (
        4,
        (
            "《{w}》是{a}演唱的歌曲|w 歌手 a;",
            "《{w}》由{a}作词、{b}作曲|w 作词 a; w 作曲 b;",
            "{a}包办词曲的《{w}》|w 作词 a; w 作曲 a;",
            "歌手{a}唱红了《{w}》|w 歌手 a;",
        ),
        ("，收录于专辑《{x}》|w 所属专辑 x;", "，{t}发行|"),
    ),
    (
        3,
        (
            "《{w}》是{a}创作的长篇小说|w 作者 a;",
            "{a}写的《{w}》一书|w 作者 a;",
            "{a}、{b}合著的《{w}》|w 作者 a; w 作者 b;",
        ),
        ("，由{p}出版|w 出版社 p;", "，{t}再版|"),
    ),
    (
        3,
        (
            "{a}，{t}出生于{l}|a 出生日期 t; a 出生地 l;",
            "{n}演员{a}|a 国籍 n;",
            "{a}，{n}人，生于{l}|a 国籍 n; a 出生地 l;",
        ),
        ("，毕业于{s}|a 毕业院校 s;",),
    ),
    (
        2,
        (
            "{a}的妻子是{b}|a 妻子 b; b 丈夫 a;",
            "{b}嫁给了{a}|a 妻子 b; b 丈夫 a;",
            "{a}和妻子{b}的儿子{c}|a 妻子 b; b 丈夫 a; c 父亲 a;",
            "{c}的父亲{a}|c 父亲 a;",
        ),
        (),
    ),
    (
        2,
        (
            "{e}由{a}创办|e 创始人 a;",
            "{e}董事长{a}|e 董事长 a;",
            "{a}创办{e}并出任董事长|e 创始人 a; e 董事长 a;",
        ),
        ("，总部位于{l}|e 总部地点 l;", "，成立于{t}|e 成立日期 t;"),
    ),
    (
        2,
        (
            "{a}先后执导了《{w}》和《{x}》|w 导演 a; x 导演 a;",
            "{a}演唱过《{w}》和《{x}》|w 歌手 a; x 歌手 a;",
            "《{w}》与《{x}》的作者都是{a}|w 作者 a; x 作者 a;",
        ),
        (),
    ),
    (
        2,
        (
            "《{w}》的导演不是{a}，而是{b}|w 导演 b;",
            "写下《{w}》的并非{a}，而是{b}|w 作者 b;",
            "《{w}》的原唱不是{a}，是{b}|w 歌手 b;",
        ),
        (),
    ),
)
SILENT = (
    (
        1,
        (
            "{a}与{b}一同出席了《{w}》的发布会|",
            "{a}昨日在{l}观看了《{w}》|",
            "{t}，{a}到{s}参观|",
            "{e}与{a}签约|",
            "有网友向{a}推荐了《{w}》|",
            "{a}说自己喜欢{b}的《{w}》|",
            "{a}在{l}偶遇{b}|",
            "{p}的编辑采访了{a}|",
        ),
        (),
    ),
)
STORIES += tuple((1, heads, tails) for _, heads, tails in SILENT)  # also next to clauses that state triples

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华慧建文玲云清梅兰雪晨曦宇轩浩博思远子涵欣怡佳琪梓晴若川石安宁可帆舟野青山禾"
WORDS = (
    "春天 秋水 明月 长河 孤岛 海上 星空 远方 故乡 少年 时光 河流 城市 风声 雪山 沉默 夏夜 晚风 花火 纸船 归途 边城 白鹿 青鸟 蓝海 红楼 黑夜 "
    "黎明 迷宫 镜子 钥匙 列车 灯塔 信使 渡口 麦田 荒原 雨季 尘埃 火焰 梦境 影子 骑士 棋局 旅人 雾都 银河 苍穹 初心 流年 浮生 乐园 回声 岁月 "
    "江湖 传说 密码 猎人 光芒 橘子"
).split()
CITIES = (
    "北京 上海 广州 深圳 杭州 南京 苏州 武汉 成都 重庆 西安 长沙 青岛 厦门 天津 大连 昆明 济南 福州 合肥 郑州 沈阳 哈尔滨 长春 太原 南昌 贵阳 兰州 宁波 无锡"
).split()
COUNTRIES = "中国 美国 英国 法国 德国 日本 韩国 加拿大 俄罗斯 意大利 西班牙 印度 巴西 澳大利亚".split()


def _one(rng, choices):
    return choices[rng.integers(len(choices))]


def _person(rng):
    return _one(rng, SURNAMES) + "".join(_one(rng, GIVEN) for _ in range(rng.integers(1, 3)))


def _work(rng):
    first, second = _one(rng, WORDS), _one(rng, WORDS)
    return (first + second, f"{first}的{second}", f"{_one(rng, CITIES)}{first}", f"{first}之{second}")[
        rng.integers(4)
    ]


def _company(rng):
    kind = _one(rng, ("影业", "传媒", "科技", "文化"))
    return _one(rng, ("", *CITIES)) + _one(rng, WORDS) + kind + _one(rng, ("公司", "集团", "有限公司"))


def _school(rng):
    return _one(rng, CITIES) + _one(rng, ("大学", "师范大学", "艺术学院", "戏剧学院"))


def _publisher(rng):
    return _one(rng, CITIES) + _one(rng, ("人民出版社", "文艺出版社", "教育出版社", "大学出版社"))


def date(rng: np.random.Generator) -> str:
    """Draw a date: a year, a month or a day."""
    year = f"{rng.integers(1950, 2020)}年"
    return (year, f"{year}{rng.integers(1, 13)}月", f"{year}{rng.integers(1, 13)}月{rng.integers(1, 29)}日")[
        rng.integers(3)
    ]


# Generator of each kind of name, and the number of names for training (and of new ones).
NAMES = dict(
    person=(_person, 400),
    work=(_work, 400),
    company=(_company, 100),
    school=(_school, 40),
    publisher=(_publisher, 40),
)
HAND_WRITTEN = (
    ("这部片子叫《风过耳》，拍它的人是何以舟", "风过耳 导演 何以舟"),
    ("何以舟拍完《风过耳》之后就回了老家青岛", "风过耳 导演 何以舟"),
    ("《长街旧事》我看过三遍，林小满写得真好", "长街旧事 作者 林小满"),
    ("听说《雨过天青》的词曲都出自许知白之手", "雨过天青 作词 许知白; 雨过天青 作曲 许知白"),
    (
        "许知白1987年5月生在苏州，后来考进了南京大学",
        "许知白 出生日期 1987年5月; 许知白 出生地 苏州; 许知白 毕业院校 南京大学",
    ),
    (
        "周砚的老伴名叫顾秋水，两个人都是中国人",
        "周砚 妻子 顾秋水; 顾秋水 丈夫 周砚; 周砚 国籍 中国; 顾秋水 国籍 中国",
    ),
    (
        "星野科技公司搬到深圳已经两年了，老板还是创始人韩立",
        "星野科技公司 总部地点 深圳; 星野科技公司 创始人 韩立",
    ),
    ("专辑《无人岛》里我最喜欢的是那首《海鸟》", "海鸟 所属专辑 无人岛"),
    ("陈渡在《夜航》里演一个话很少的船长", "夜航 主演 陈渡"),
    ("《夜航》2016年上映，赔了不少钱", "夜航 上映时间 2016年"),
    ("2003年成立的大河影业公司出品了《夜航》", "大河影业公司 成立日期 2003年; 夜航 出品公司 大河影业公司"),
    ("方糖是方木的女儿", "方糖 父亲 方木"),
    ("今天的雨下得很大，街上没有什么人", ""),
    ("陈渡下周要去成都参加一个书展", ""),
    ("我把《长街旧事》借给了方木，他一直没有还", ""),
    ("有人说《海鸟》好听，也有人说不好听", ""),
    ("请问去北京大学怎么走？", ""),
    ("韩立和周砚在同一家餐厅吃饭，并不认识", ""),
    ("2016年我还在上海上班", ""),
    ("顾秋水觉得《风过耳》太长了", ""),
)
