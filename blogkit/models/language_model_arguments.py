"""What LanguageModel is given, checked."""

import numbers

DROPOUTS = ("embedding_dropout", "input_dropout", "hidden_dropout", "output_dropout")
PENALTIES = ("activation_penalty", "change_penalty")


def check_language_model(settings):
    units, chunk_size = settings["units"], settings["chunk_size"]
    if not _count(settings["vocabulary_size"], 2):
        raise ValueError(
            "`vocabulary_size` must be a whole number of at least 2. "
            f"Received: vocabulary_size={settings['vocabulary_size']!r}."
        )
    if not isinstance(units, (list, tuple)) or not units or not all(_count(width, 1) for width in units):
        raise ValueError(f"`units` must be widths of at least one layer, such as (64, 32). Received: units={units!r}.")
    if chunk_size is None and settings["dropconnect"]:
        raise ValueError(
            "keras.layers.LSTM has no dropconnect. "
            f"Received: dropconnect={settings['dropconnect']}, chunk_size=None. Use `hidden_dropout`."
        )
    if chunk_size is not None and (not _count(chunk_size, 1) or any(width % chunk_size for width in units)):
        raise ValueError(f"`chunk_size` must divide all `units`. Received: chunk_size={chunk_size!r}, units={units}.")
    for name in DROPOUTS:
        if not isinstance(settings[name], numbers.Real) or not 0 <= settings[name] < 1:
            raise ValueError(f"`{name}` must be a number in [0, 1). Received: {name}={settings[name]!r}.")
    for name in PENALTIES:
        if not isinstance(settings[name], numbers.Real) or not settings[name] >= 0:
            raise ValueError(f"`{name}` must be a number of at least 0. Received: {name}={settings[name]!r}.")
    if settings["batch_size"] is not None and not _count(settings["batch_size"], 1):
        raise ValueError(
            f"`batch_size` must be a whole number of at least 1, or None. Received: batch_size={settings['batch_size']!r}."
        )


def check_batch(batch_size, tokens_shape):
    if batch_size is not None and tokens_shape[0] not in (None, batch_size):
        raise ValueError(
            f"The model carries on the states of batch_size={batch_size} rows. "
            f"Received: tokens of shape {tuple(tokens_shape)}. Cut the text with blogkit.nlp.continued_windows "
            "and give `fit` and `evaluate` the same batch_size, or build the model with batch_size=None."
        )


def _count(value, low):
    return isinstance(value, numbers.Integral) and not isinstance(value, bool) and value >= low
