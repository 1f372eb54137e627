"""Generated news about several companies and events, where the event type determines the subject."""

import numpy as np

from blogkit.checks import check_choice, check_count
from blogkit.datasets.event import Event

# Clauses by event type: {0} is the subject, {1} another company.
EVENTS = {
    "信批违规": ["{0}未按时披露年报", "{0}收到信披监管函", "交易所通报{0}信披违规"],
    "重组失败": ["{0}终止收购{1}", "{0}重组方案被否", "{0}与{1}重组告吹"],
    "评级调整": ["{1}下调{0}评级", "{0}信用评级被下调", "{0}被列入负面观察"],
    "业绩下滑": ["{0}净利同比大降", "{0}预计上半年亏损", "受累于{1}，{0}业绩变脸"],
    "财务造假": ["{0}虚增收入被立案", "{1}举报{0}造假", "{0}被指做假账"],
}
NAMES = "华 安 东 海 天 宏 金 瑞 科 信 泰 盛 嘉 新 永 恒 中 德 远 明 光 康 丰 利 通 达 联 国 大 洋".split()
TRADES = "科技 医药 证券 地产 传媒 能源 食品 环保 汽车 软件".split()
FORMS = ["", "股份", "集团", "公司"]
NAME_POOLS = ("seen", "new")


def event_sentences(sentences: int, names: str = "seen", seed: int = 0) -> list[Event]:
    """Draw sentences about two companies with events of different types, one row per event.

    Both rows of a sentence have the same text, so a guess that ignores the type is right in
    half of the rows. A third company may be the other party of an event. A company name is two
    characters, a trade and optionally a legal form.

    Args:
        sentences: Number of sentences.
        names: Pool of the company names, `"seen"` or `"new"`. The two pools share no pair of
            initial characters.
        seed: Non-negative integer.

    Returns:
        A list of `Event`; its `id` is `"3.1"` for the second event of the fourth sentence.

    Raises:
        ValueError: If a number is negative or `names` is unknown.

    Example:

    >>> for event in event_sentences(1, seed=2):
    ...     print(event.type, event.subject)
    评级调整 嘉新汽车股份
    财务造假 东利地产集团
    """
    check_count("sentences", sentences, 0)
    check_choice("names", names, NAME_POOLS)
    check_count("seed", seed, 0)
    rng = np.random.default_rng(seed)
    pairs = [
        a + b
        for i, a in enumerate(NAMES)
        for j, b in enumerate(NAMES)
        if ((i + j) % 4 == 0) == (names == "new")
    ]

    def choose(options):
        return options[rng.integers(len(options))]

    def company():
        return choose(pairs) + choose(TRADES) + choose(FORMS)

    def companies(number):
        found = []
        while len(found) < number:
            one = company()
            if not any(one in other or other in one for other in found):
                found.append(one)
        return found

    rows = []
    for number in range(sentences):
        types = rng.permutation(list(EVENTS))[:2]
        subjects = companies(4)
        clauses = [choose(EVENTS[kind]).format(subjects[i], subjects[2 + i]) for i, kind in enumerate(types)]
        text = choose("，；").join(clauses[i] for i in rng.permutation(len(clauses)))
        rows += [Event(f"{number}.{i}", text, str(kind), subjects[i]) for i, kind in enumerate(types)]
    return rows
