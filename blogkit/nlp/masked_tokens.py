"""Masked tokens for training a masked language model."""

import numpy as np

from blogkit.checks import check_count
from blogkit.nlp.char_tokenizer import MASK, SPECIAL, CharTokenizer


def masked_tokens(
    ids: np.ndarray, tokenizer: CharTokenizer, rate: float = 0.15, seed: int = 0
) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]:
    """Mask a share of the tokens for a model that predicts them.

    Of the chosen tokens 80 % become `[MASK]`, 10 % a random token and 10 % stay unchanged
    (Devlin et al. 2018, arXiv:1810.04805, section 3.1). Padding and special tokens are neither
    chosen nor drawn as random tokens.

    Args:
        ids: int `(rows, length)`, 0 at padding.
        tokenizer: The `CharTokenizer` that encoded them.
        rate: Share of a row's ordinary tokens to choose, rounded, at least one token.
        seed: Non-negative integer; use a new one for each epoch.

    Returns:
        `(inputs, labels, weights)`: `inputs` is a dict of `token_ids` `(rows, length)` and
        `mask_positions` `(rows, chosen)`, `labels` int32 `(rows, chosen)` are the original ids,
        and `weights` float32 `(rows, chosen)` are 0 where a row has fewer chosen tokens.

    Raises:
        ValueError: If `rate` is not between 0 and 1, an id is out of range, or the vocabulary
            lacks `[MASK]` or ordinary tokens.

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
    check_count("seed", seed, 0)
    if ids.size and not 0 <= ids.min() <= ids.max() < len(tokenizer):
        raise ValueError(f"`ids` must be 0 to {len(tokenizer) - 1}. Received: {ids.min()} to {ids.max()}.")
    special = np.array([token in SPECIAL or _is_unused(token) for token in tokenizer.vocabulary])
    ordinary = np.flatnonzero(~special)
    if MASK not in tokenizer.vocabulary or not len(ordinary):
        raise ValueError(
            f"The vocabulary of `tokenizer` must contain {MASK} and an ordinary token. "
            f"Received: {len(tokenizer)} tokens."
        )
    rng = np.random.default_rng(seed)
    maskable = ~special[ids]
    counts = maskable.sum(axis=1)
    wanted = np.where(counts, np.maximum(1, np.round(rate * counts)), 0).astype(int)
    width = max(1, round(rate * ids.shape[1]))
    # Sorting random numbers shuffles the ordinary tokens and puts all others behind them.
    positions = np.argsort(rng.random(ids.shape) + ~maskable, axis=1)[:, :width]
    weights = (np.arange(width) < wanted[:, None]).astype("float32")
    positions = np.where(weights > 0, positions, 0).astype("int32")
    labels = np.take_along_axis(ids, positions, axis=1)
    draw = rng.random(labels.shape)
    mask_id = tokenizer.vocabulary.index(MASK)
    shown = np.where(draw < 0.8, mask_id, np.where(draw < 0.9, rng.choice(ordinary, labels.shape), labels))
    rows, columns = np.nonzero(weights)
    ids[rows, positions[rows, columns]] = shown[rows, columns]
    return {"token_ids": ids, "mask_positions": positions}, labels, weights


def _is_unused(token):
    return token.startswith("[unused") and token.endswith("]")
