"""Characters and words as numbers; trees over words, built, compared, read and drawn; triples and events in a text.

NumPy tier, a leaf: no keras; matplotlib only when a tree is drawn with it.
"""

from blogkit.nlp.brackets import bracket_f1, brackets, mean_bracket_f1
from blogkit.nlp.build_tree import balanced_tree, left_branching, right_branching, tree_from_distances
from blogkit.nlp.char_tokenizer import CharTokenizer
from blogkit.nlp.chinese_font import chinese_font
from blogkit.nlp.decode_spans import decode_spans
from blogkit.nlp.draw_tree import draw_tree, tree_text
from blogkit.nlp.event_subjects import decode_subject, event_prompt, name_characters, subject_span
from blogkit.nlp.label_triples import first_occurrence, label_triples
from blogkit.nlp.masked_tokens import masked_tokens
from blogkit.nlp.padded import padded
from blogkit.nlp.penn import parse_penn, words_of_penn
from blogkit.nlp.read_trees import read_trees
from blogkit.nlp.repair_triples import finish_triples, repair_triples
from blogkit.nlp.sinica import parse_sinica
from blogkit.nlp.swap_entities import swap_entities
from blogkit.nlp.tree import leaves
from blogkit.nlp.triple_scores import TripleScores, triple_scores
from blogkit.nlp.vocabulary import Vocabulary
from blogkit.nlp.windows import continued_windows

__all__ = [
    "CharTokenizer",
    "TripleScores",
    "Vocabulary",
    "balanced_tree",
    "bracket_f1",
    "brackets",
    "chinese_font",
    "continued_windows",
    "decode_spans",
    "decode_subject",
    "draw_tree",
    "event_prompt",
    "finish_triples",
    "first_occurrence",
    "label_triples",
    "leaves",
    "left_branching",
    "masked_tokens",
    "mean_bracket_f1",
    "name_characters",
    "padded",
    "parse_penn",
    "parse_sinica",
    "read_trees",
    "repair_triples",
    "right_branching",
    "subject_span",
    "swap_entities",
    "tree_from_distances",
    "tree_text",
    "triple_scores",
    "words_of_penn",
]
