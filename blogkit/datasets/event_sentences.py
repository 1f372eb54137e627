"""Generated news in which several companies meet with events, so that only the type says which is meant."""

import numpy as np

from blogkit.datasets.event import Event

# What happens ({0} to whom, {1} is another company that it does not happen to).
EVENTS = {
    "信批违规": ["{0}因未按时披露年报被问询", "{0}收到信息披露监管函", "交易所对{0}的信披违规予以通报"],
    "实控人股东变更": ["{0}实际控制人拟变更", "{1}受让{0}两成股权", "{0}大股东拟减持套现"],
    "交易违规": ["{0}高管短线交易被罚", "{0}股东违规减持", "监管认定{0}涉嫌内幕交易"],
    "涉嫌非法集资": ["{0}涉嫌非法吸收存款", "警方通报{0}非法集资案", "{0}向公众高息集资被查"],
    "重组失败": ["{0}终止收购{1}", "{0}重大资产重组被否", "{0}与{1}的重组告吹"],
    "评级调整": ["{1}下调{0}评级至中性", "{0}信用评级被下调", "机构将{0}列入负面观察"],
    "业绩下滑": ["{0}净利同比大降", "{0}预计上半年亏损", "受累于{1}，{0}业绩变脸"],
    "财务造假": ["{0}虚增收入被立案", "{1}举报{0}财务造假", "{0}被指做假账"],
}
WITHOUT = ["{0}召开股东大会", "{0}与{1}签署合作协议", "{0}发布新品", "记者走访了{0}"]
CITIES = "北京 上海 广州 深圳 杭州 成都 武汉 南京 西安 青岛".split()
NAMES = "华 安 东 海 天 宏 金 瑞 科 信 泰 盛 嘉 新 永 恒 中 德 远 明 光 康 丰 利 通 达 联 国 大 洋".split()
TRADES = "科技 医药 证券 地产 传媒 能源 食品 环保 汽车 软件".split()
FORMS = ["", "股份", "集团", "有限公司"]
NAME_POOLS = ("seen", "new")


def event_sentences(sentences, names="seen", seed=0) -> list[Event]:
    """Draw sentences of two or three companies with an event of another type each; a row for each event.

    All rows of a sentence have the same text: who guesses without the type is right in one
    case of two or three. Companies also appear without any event, or as the other party of one.
    A name is a city or none, two characters, a trade and a legal form or none.

    Args:
        sentences: Number of sentences.
        names: `"seen"` or `"new"`: from which of two pools without a common pair of characters.
        seed: Non-negative integer.

    Returns:
        A list of `Event`, with `id` `"3.1"` for the second event of the fourth sentence.

    Raises:
        ValueError: For a negative number or unknown `names`.

    Example:

    >>> for event in event_sentences(1, seed=2):
    ...     print(event.type, event.subject)
    """
    if sentences < 0:
        raise ValueError(f"`sentences` must be at least 0. Received: sentences={sentences}.")
    if names not in NAME_POOLS:
        raise ValueError(f"`names` must be one of {', '.join(NAME_POOLS)}. Received: names={names!r}.")
    rng = np.random.default_rng(seed)
    pairs = [a + b for i, a in enumerate(NAMES) for j, b in enumerate(NAMES) if ((i + j) % 4 == 0) == (names == "new")]

    def choose(options):
        return options[rng.integers(len(options))]

    def company():
        city = choose(CITIES) if rng.random() < 0.3 else ""
        return city + choose(pairs) + choose(TRADES) + choose(FORMS)

    def companies(number):
        found = []
        while len(found) < number:
            one = company()
            if not any(one in other or other in one for other in found):
                found.append(one)
        return found

    rows = []
    for number in range(sentences):
        types = rng.permutation(list(EVENTS))[: rng.integers(2, 4)]
        subjects = companies(len(types) + 5)
        clauses = [choose(EVENTS[kind]).format(subjects[i], subjects[-1 - i]) for i, kind in enumerate(types)]
        if rng.random() < 0.3:
            clauses.append(choose(WITHOUT).format(subjects[-4], subjects[-5]))
        text = choose("，；").join(clauses[i] for i in rng.permutation(len(clauses)))
        rows += [Event(f"{number}.{i}", text, str(kind), subjects[i]) for i, kind in enumerate(types)]
    return rows
