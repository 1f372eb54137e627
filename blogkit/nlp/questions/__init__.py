"""Questions to tables: SQL as a form, as labels of characters, and as an answer."""
