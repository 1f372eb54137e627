"""Trees over words: built from distances, compared, read and drawn."""
