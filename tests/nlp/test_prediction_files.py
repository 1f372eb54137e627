"""Prediction files are read back as what was written."""

import csv
import io
import json

import pytest

from blogkit.nlp import subjects_csv, triples_json


def test_any_subject_comes_back():
    ids = ["1", "a,b", "3"]
    subjects = ['甲"公司"', "乙，丙,\n丁", ""]
    text = subjects_csv(ids, subjects)
    assert list(csv.reader(io.StringIO(text))) == [list(row) for row in zip(ids, subjects)]
    assert text.startswith('"1","甲""公司"""\n')
    with pytest.raises(ValueError, match="longer|shorter"):
        subjects_csv(ids, subjects[:2])


def test_new_and_lacking_triples_are_told_apart():
    right, wrong, both = ("甲", "作者", "乙"), ("甲", "歌手", "乙"), ("丙", "国籍", "中国")
    (row,) = json.loads(triples_json([("句子", [both, right, right])], [[wrong, both]]))
    assert row == {
        "text": "句子",
        "spo_list": sorted([list(both), list(right)]),
        "spo_list_pred": sorted([list(both), list(wrong)]),
        "new": [list(wrong)],
        "lack": [list(right)],
    }
    assert triples_json([("句子", [])], [()], indent=None).startswith('[{"text": "句子", "spo_list": []')
    with pytest.raises(ValueError, match="longer|shorter"):
        triples_json([("句子", [])], [])
