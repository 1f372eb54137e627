"""Tokenizers, parse trees, triple and event extraction, and SQL questions about tables.

The area works without keras. `tests/test_architecture.py` checks what it may import.
"""

from blogkit.nlp.char_tokenizer import CharTokenizer
from blogkit.nlp.event_subjects import decode_subject, event_prompt, name_characters, subject_span
from blogkit.nlp.masked_tokens import masked_tokens
from blogkit.nlp.padded import padded
from blogkit.nlp.prediction_files import subjects_csv, triples_json
from blogkit.nlp.questions.closest_text import closest_fragment, closest_text
from blogkit.nlp.questions.form_from_scores import (
    FormScores,
    TableValues,
    form_from_labels,
    form_from_scores,
    scores_of,
    why_inexpressible,
)
from blogkit.nlp.questions.guided_form import best_forms, first_answered
from blogkit.nlp.questions.question_arrays import label_arrays, question_arrays, sequence_length
from blogkit.nlp.questions.question_labels import QuestionLabels, label_question
from blogkit.nlp.questions.reorder_columns import reorder_columns
from blogkit.nlp.questions.same_result import same_result
from blogkit.nlp.questions.sql_form import (
    AGGREGATIONS,
    CONNECTIVES,
    OPERATORS,
    check_form,
    same_form,
    sql_text,
    value_text,
)
from blogkit.nlp.questions.table_database import TableDatabase, execution_matches, run_form
from blogkit.nlp.trees.brackets import bracket_f1, brackets, mean_bracket_f1
from blogkit.nlp.trees.build_tree import balanced_tree, left_branching, right_branching, tree_from_distances
from blogkit.nlp.trees.draw_tree import draw_tree, tree_text
from blogkit.nlp.trees.penn import parse_penn, words_of_penn
from blogkit.nlp.trees.read_trees import read_trees
from blogkit.nlp.trees.sinica import parse_sinica
from blogkit.nlp.trees.tree import leaves
from blogkit.nlp.triples.decode_spans import decode_spans
from blogkit.nlp.triples.label_triples import first_occurrence, label_triples
from blogkit.nlp.triples.repair_triples import finish_triples, repair_triples
from blogkit.nlp.triples.swap_entities import swap_entities
from blogkit.nlp.triples.triple_scores import TripleScores, triple_scores
from blogkit.nlp.vocabulary import Vocabulary
from blogkit.nlp.windows import continued_windows

__all__ = [
    "AGGREGATIONS",
    "CONNECTIVES",
    "CharTokenizer",
    "FormScores",
    "OPERATORS",
    "QuestionLabels",
    "TableDatabase",
    "TableValues",
    "TripleScores",
    "Vocabulary",
    "balanced_tree",
    "best_forms",
    "bracket_f1",
    "brackets",
    "check_form",
    "closest_fragment",
    "closest_text",
    "continued_windows",
    "decode_spans",
    "decode_subject",
    "draw_tree",
    "event_prompt",
    "execution_matches",
    "finish_triples",
    "first_answered",
    "first_occurrence",
    "form_from_labels",
    "form_from_scores",
    "label_arrays",
    "label_question",
    "label_triples",
    "leaves",
    "left_branching",
    "masked_tokens",
    "mean_bracket_f1",
    "name_characters",
    "padded",
    "parse_penn",
    "parse_sinica",
    "question_arrays",
    "read_trees",
    "reorder_columns",
    "repair_triples",
    "right_branching",
    "run_form",
    "same_form",
    "same_result",
    "scores_of",
    "sequence_length",
    "sql_text",
    "subject_span",
    "subjects_csv",
    "swap_entities",
    "tree_from_distances",
    "tree_text",
    "triple_scores",
    "triples_json",
    "value_text",
    "why_inexpressible",
    "words_of_penn",
]
