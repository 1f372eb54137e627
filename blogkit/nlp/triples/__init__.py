"""Triples of a sentence: repair, labels, decoding and scores."""
