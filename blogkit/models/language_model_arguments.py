"""What LanguageModel is given, checked."""

from blogkit.checks import check_count, check_positive, check_rate

DROPOUTS = ("embedding_dropout", "input_dropout", "hidden_dropout", "output_dropout")
PENALTIES = ("activation_penalty", "change_penalty")


def check_language_model(settings):
    units, chunk_size = settings["units"], settings["chunk_size"]
    check_count("vocabulary_size", settings["vocabulary_size"], 2)
    if not isinstance(units, (list, tuple)) or not units:
        raise ValueError(
            f"`units` must be widths of at least one layer, such as (64, 32). Received: units={units!r}."
        )
    for width in units:
        check_count("units", width)
    if chunk_size is None and settings["dropconnect"]:
        raise ValueError(
            "keras.layers.LSTM has no dropconnect. "
            f"Received: dropconnect={settings['dropconnect']}, chunk_size=None. Use `hidden_dropout`."
        )
    if chunk_size is not None:
        check_count("chunk_size", chunk_size)
        if any(width % chunk_size for width in units):
            raise ValueError(
                f"`chunk_size` must divide all `units`. Received: chunk_size={chunk_size!r}, units={units}."
            )
    for name in DROPOUTS:
        check_rate(name, settings[name])
    for name in PENALTIES:
        check_positive(name, settings[name], or_zero=True)
    if settings["batch_size"] is not None:
        check_count("batch_size", settings["batch_size"])


def check_batch(batch_size, tokens_shape):
    if batch_size is not None and tokens_shape[0] not in (None, batch_size):
        raise ValueError(
            f"The model carries on the states of batch_size={batch_size} rows. "
            f"Received: tokens of shape {tuple(tokens_shape)}. Cut the text with "
            "blogkit.nlp.continued_windows "
            "and give `fit` and `evaluate` the same batch_size, or build the model with batch_size=None."
        )
