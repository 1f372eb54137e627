"""BERT encoder and heads on it: classifier, span extractor, triples, masked language model."""
