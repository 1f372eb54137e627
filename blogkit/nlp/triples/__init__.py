"""Triples of a sentence: mended, as labels, read off probabilities, scored."""
