"""Questions about tables: SQL as a form, its labels and scores, and its execution."""
