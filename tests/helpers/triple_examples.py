"""Sentences with their triples, and the characters and predicates that occur in them."""

from blogkit.nlp import CharTokenizer

TOKENIZER = CharTokenizer.from_texts(["甲乙丙丁写唱了的和《》，x"])
SENTENCES = [
    ("甲写了《丙》和《丁》", [("丙", "作者", "甲"), ("丁", "作者", "甲")]),
    ("乙写了《丙乙》，唱了", [("丙乙", "作者", "乙"), ("丙乙", "歌手", "乙")]),
    ("甲和乙", []),
    ("丁唱了《甲丁》", [("甲丁", "歌手", "丁")]),
]
PREDICATES = ["作者", "歌手"]
