"""Readers of the official data formats, with embedded defaults that need no network.

The argument `source` of a reader is the path of a file or folder in the official
format, or one of three words: `"embedded"` for rows inside an installed package
(some sets only), `"official"` for the full set in the data folder
(`data_folder()`), `"imported"` for your own files, copied there by `python -m
data_download import`. A missing set raises `MissingDataset`, which says how to get
it and where to put it. `catalogue.toml` lists all sets.
"""

from blogkit.datasets.bert_vocabulary import bert_vocabulary
from blogkit.datasets.bert_weights import bert_weights
from blogkit.datasets.celeba import Faces, celeba
from blogkit.datasets.cifar10 import cifar10
from blogkit.datasets.event import Event
from blogkit.datasets.event_sentences import event_sentences
from blogkit.datasets.event_subjects import event_subjects
from blogkit.datasets.fashion_mnist import fashion_mnist
from blogkit.datasets.folder import MissingDataset, data_folder
from blogkit.datasets.generated_questions import GeneratedQuestions, generated_questions
from blogkit.datasets.generated_triples import GeneratedTriples, generated_triples
from blogkit.datasets.head_language import head_language
from blogkit.datasets.images import Images
from blogkit.datasets.mnist import Digits, mnist
from blogkit.datasets.multilingual_bert import multilingual_bert
from blogkit.datasets.orl_faces import Portraits, orl_faces
from blogkit.datasets.peoples_daily import peoples_daily
from blogkit.datasets.photographs import Photographs, patches, photographs
from blogkit.datasets.ptb import Sentences, ptb
from blogkit.datasets.reviews import distinct_reviews, reviews
from blogkit.datasets.rows import Rows, split_by_text
from blogkit.datasets.sentiment import Review, sentiment
from blogkit.datasets.tableqa import Table, TableQuestion, TableQuestions, tableqa
from blogkit.datasets.treebanks import Treebank, sinica_trees, wsj_trees
from blogkit.datasets.triples import Schema, Sentence, Triples, duie2, ske2019

__all__ = [
    "Digits",
    "Event",
    "Faces",
    "GeneratedQuestions",
    "GeneratedTriples",
    "Images",
    "MissingDataset",
    "Photographs",
    "Portraits",
    "Review",
    "Rows",
    "Schema",
    "Sentence",
    "Sentences",
    "Table",
    "TableQuestion",
    "TableQuestions",
    "Treebank",
    "Triples",
    "bert_vocabulary",
    "bert_weights",
    "celeba",
    "cifar10",
    "data_folder",
    "distinct_reviews",
    "duie2",
    "event_sentences",
    "event_subjects",
    "fashion_mnist",
    "generated_questions",
    "generated_triples",
    "head_language",
    "mnist",
    "multilingual_bert",
    "orl_faces",
    "patches",
    "peoples_daily",
    "photographs",
    "ptb",
    "reviews",
    "sentiment",
    "sinica_trees",
    "ske2019",
    "split_by_text",
    "tableqa",
    "wsj_trees",
]
