"""Training batches for a triple extractor: sentences with one sampled subject each."""

from collections.abc import Iterable

import numpy as np

from blogkit.checks import check_count
from blogkit.models.bert.cut_padding import length_of_batch
from blogkit.models.shuffled_batches import EpochOrder
from blogkit.nlp import CharTokenizer, label_triples, padded, swap_entities
from blogkit.nlp.triples.repair_triples import check_triple


class TripleBatches(EpochOrder):
    """Labels of all subjects of a sentence, and of the objects of one of them.

    An epoch has each sentence once, in a new order. Among the subjects of a sentence a start is
    drawn, and independently an end not before it. A start and an end of different subjects form a
    false span without objects, from which the object pointers learn to recognize subjects.

    Draws depend only on `seed` and the epoch. All batches have one shape, so that they are compiled
    once: the last one is padded with empty rows, which the loss ignores. With `cut` sentences of about
    equal length share a batch, which is as long as the longest of them. Sentences without a
    triple in their text are left out, as in both articles. `blogkit.nlp.label_triples` says how
    repeated entities are labelled.

    Args:
        sentences: Pairs `(text, triples)`.
        tokenizer: `blogkit.nlp.CharTokenizer`.
        predicates: List of names, indexed by their order.
        max_length: Tokens per row, `[CLS]` and `[SEP]` included. Longer texts are cut.
        batch_size: Rows per batch.
        seed: Non-negative integer.
        swap: Probability that the subject and object of a triple are replaced by those of a triple
            with the same predicate in another sentence, `blogkit.nlp.swap_entities`; 0.5 in kg-2019.
        cut: Whether lengths may vary from batch to batch, as in `blogkit.models.cut_padding`; not with
            `swap`, which changes them.

    Attributes:
        epoch: Epoch of the next draws; counts up, and `TripleExtractor.fit` sets it.

    Raises:
        ValueError: If no sentence has a triple in its text, for an unknown predicate, for a
            triple that is not three strings, or for a size out of range.
    """

    def __init__(
        self,
        sentences: Iterable,
        tokenizer: CharTokenizer,
        predicates: Iterable[str],
        max_length: int,
        batch_size: int = 32,
        seed: int = 0,
        swap: float = 0.0,
        cut: bool = False,
    ):
        check_count("max_length", max_length, 3)
        if not 0 <= swap <= 1:
            raise ValueError(f"`swap` must be a probability in [0, 1]. Received: swap={swap}.")
        if swap and cut:
            raise ValueError(f"`cut` must be False where names are swapped. Received: cut=True, swap={swap}.")
        self.tokenizer, self.max_length, self.swap, self.cut = tokenizer, max_length, swap, cut
        self.numbers = {predicate: number for number, predicate in enumerate(predicates)}
        sentences = [(text, tuple(map(check_triple, triples))) for text, triples in sentences]
        self.sentences = [sentence for sentence in sentences if self._items(*sentence)]
        if not self.sentences:
            raise ValueError(
                f"`sentences` must have a triple in their first {max_length - 2} characters. "
                f"Received: {len(sentences)} sentences without one."
            )
        lengths = [min(2 + len(text), max_length) for text, _ in self.sentences] if cut else None
        super().__init__(len(self.sentences), batch_size, seed, lengths)
        self.pool = {}
        for _, triples in self.sentences:
            for subject, predicate, value in triples:
                self.pool.setdefault(predicate, []).append((subject, value))

    def __getitem__(self, number: int) -> tuple[dict, dict]:
        """Inputs `{"tokens", "subject"}` and labels `{"subjects", "objects"}` of one batch."""
        rng = np.random.default_rng([self.seed, self.epoch, 1 + number])
        rows = self.rows(number)
        length = length_of_batch(self.lengths[rows].max(), self.max_length) if self.cut else self.max_length
        texts, shape = [""] * self.batch_size, (self.batch_size, length, 2)
        subject = np.zeros((self.batch_size, 2), "int32")
        subjects, objects = np.zeros(shape, "float32"), np.zeros((*shape, len(self.numbers)), "float32")
        for row, which in enumerate(rows):
            texts[row], items = self._draw(*self.sentences[which], rng)
            for start, end in items:
                subjects[row, start, 0] = subjects[row, end, 1] = 1
            starts, ends = np.array(list(items)).T
            start = rng.choice(starts)
            subject[row] = start, rng.choice(ends[ends >= start])
            for first, last, predicate in items.get(tuple(subject[row].tolist()), ()):
                objects[row, first, 0, self.numbers[predicate]] = objects[
                    row, last, 1, self.numbers[predicate]
                ] = 1
        ids = [self.tokenizer.encode(text, self.max_length) if text else [] for text in texts]
        inputs = {"tokens": padded(ids, length), "subject": subject}
        return inputs, {"subjects": subjects, "objects": objects}

    def content(self) -> list:
        """What the batches are made of, by which `resumable_fit` recognizes the data."""
        return [repr(self.sentences), repr(self.numbers), self.max_length, self.swap, self.cut]

    def _draw(self, text, triples, rng):
        """`(text, items)`, with swapped entities at the probability `swap`."""
        if self.swap and rng.random() < self.swap:
            subject, predicate, value = triples[rng.integers(len(triples))]
            others = self.pool[predicate]
            swapped = swap_entities(text, triples, (subject, value), others[rng.integers(len(others))])
            if items := self._items(*swapped):  # empty if the new text is too long
                return swapped[0], items
        return text, self._items(text, triples)

    def _items(self, text, triples):
        for _, predicate, _ in triples:
            if predicate not in self.numbers:
                raise ValueError(
                    f"Predicates must be among the {len(self.numbers)} of the extractor. "
                    f"Received: {predicate!r}. Leave its triples out, or add it to `predicates`."
                )
        return label_triples(text, triples, offset=1, max_length=self.max_length - 2)
