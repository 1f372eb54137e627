"""Tokens hidden for a masked language model."""

import numpy as np

from blogkit.nlp.char_tokenizer import MASK, SPECIAL


def masked_tokens(ids, tokenizer, rate=0.15, seed=0):
    """Hide a share of the tokens, for a model that guesses them.

    Of the chosen tokens 80 % become `[MASK]`, 10 % a random token and 10 % stay as they are
    (Devlin et al. 2018, arXiv:1810.04805, section 3.1). Padding and special tokens are never
    chosen and nothing becomes one.

    Args:
        ids: int `(rows, length)`, 0 at padding.
        tokenizer: The `CharTokenizer` that made them.
        rate: Share of a row's ordinary tokens, rounded, but at least one of them.
        seed: Non-negative integer; another one for each epoch.

    Returns:
        `(inputs, labels, weights)`: `inputs` a dict of `token_ids` `(rows, length)` and
        `mask_positions` `(rows, chosen)`, `labels` int32 `(rows, chosen)` what stood there,
        `weights` float32 of that shape, 0 where a row has fewer.

    Raises:
        ValueError: If `rate` is not above 0 and below 1, an id is not one of the tokenizer's,
            or its vocabulary has no `[MASK]` or no ordinary token.

    Example:

    >>> from blogkit.nlp import CharTokenizer, masked_tokens
    >>> tokenizer = CharTokenizer.from_texts(["天气很好"])
    >>> inputs, labels, weights = masked_tokens([tokenizer.encode("天气很好")], tokenizer, rate=0.5)
    >>> inputs["mask_positions"].shape, weights.tolist()
    ((1, 3), [[1.0, 1.0, 0.0]])
    """
    ids = np.array(ids, "int32", ndmin=2)  # a copy
    if not 0 < rate < 1:
        raise ValueError(f"`rate` must be above 0 and below 1. Received: rate={rate}.")
    if ids.size and not 0 <= ids.min() <= ids.max() < len(tokenizer):
        raise ValueError(f"Ids must be 0 to {len(tokenizer) - 1}. Received: {ids.min()} to {ids.max()}.")
    special = np.array([token in SPECIAL or _is_unused(token) for token in tokenizer.vocabulary])
    ordinary = np.flatnonzero(~special)
    if MASK not in tokenizer.vocabulary or not len(ordinary):
        raise ValueError(
            f"The vocabulary needs {MASK} and an ordinary token. Received: {len(tokenizer)} tokens."
        )
    rng = np.random.default_rng(seed)
    maskable = ~special[ids]
    counts = maskable.sum(axis=1)
    wanted = np.where(counts, np.maximum(1, np.round(rate * counts)), 0).astype(int)
    width = max(1, round(rate * ids.shape[1]))
    # Random numbers put ordinary tokens in a random order and all others behind them.
    positions = np.argsort(rng.random(ids.shape) + ~maskable, axis=1)[:, :width]
    weights = (np.arange(width) < wanted[:, None]).astype("float32")
    positions = np.where(weights > 0, positions, 0).astype("int32")
    labels = np.take_along_axis(ids, positions, axis=1)
    chance = rng.random(labels.shape)
    mask_id = tokenizer.vocabulary.index(MASK)
    shown = np.where(
        chance < 0.8, mask_id, np.where(chance < 0.9, rng.choice(ordinary, labels.shape), labels)
    )
    rows, columns = np.nonzero(weights)
    ids[rows, positions[rows, columns]] = shown[rows, columns]
    return {"token_ids": ids, "mask_positions": positions}, labels, weights


def _is_unused(token):
    return token.startswith("[unused") and token.endswith("]")
