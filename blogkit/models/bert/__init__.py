"""BERT encoder and its heads: classifier, spans, triples, masked language model."""
