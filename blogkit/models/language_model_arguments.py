"""Checks of the layers' sizes and of the batches of a LanguageModel."""

from collections.abc import Sequence

from blogkit.checks import check_count


def check_layers(units: Sequence[int], chunk_size: int | None, dropconnect: float) -> None:
    """Raise a ValueError unless recurrent layers of these sizes exist."""
    if not isinstance(units, (list, tuple)) or not units:
        raise ValueError(
            "`units` must be a non-empty tuple with one width per layer, such as (64, 32). "
            f"Received: units={units!r}."
        )
    for width in units:
        check_count("units", width)
    if chunk_size is None and dropconnect:
        raise ValueError(
            "`dropconnect` must be 0 for keras.layers.LSTM, which has none. "
            f"Received: dropconnect={dropconnect}, chunk_size=None. Use `hidden_dropout`."
        )
    if chunk_size is not None:
        check_count("chunk_size", chunk_size)
        if any(width % chunk_size for width in units):
            raise ValueError(
                f"`chunk_size` must divide all `units`. Received: chunk_size={chunk_size!r}, units={units}."
            )


def check_batch(batch_size: int | None, tokens_shape: Sequence[int | None]) -> None:
    """Raise a ValueError unless a batch has the rows whose states the model carries on."""
    if batch_size is not None and tokens_shape[0] not in (None, batch_size):
        raise ValueError(
            f"`tokens` must have batch_size={batch_size} rows, whose states the model carries on. "
            f"Received: tokens of shape {tuple(tokens_shape)}. Cut the text with "
            "blogkit.nlp.continued_windows and give `fit` and `evaluate` the same batch_size, or build "
            "the model with batch_size=None."
        )
