"""Random vectors of a batch, for codes that have none."""

from keras import ops

from blogkit.ops import stateless_uniform


def choose_rows(vectors, valid, count, key, step):
    """`count` random rows among the valid ones, each once if there are enough.

    Args:
        vectors: Tensor `(batch, ...)`.
        valid: Booleans `(batch,)`.
        count: Number of rows, which may be more than there are: then they repeat in turn.
        key, step: As `stateless_uniform` takes them: the same choice for the same two.

    Returns:
        Tensor `(count, ...)`.

    Example:

    >>> from blogkit.ops import random_key
    >>> rows = ops.convert_to_tensor([[1.0], [2.0], [3.0]])
    >>> valid = ops.convert_to_tensor([True, False, True])
    >>> chosen = choose_rows(rows, valid, 4, random_key(0), step=0)
    >>> sorted(ops.convert_to_numpy(chosen)[:, 0].tolist())
    [1.0, 1.0, 3.0, 3.0]
    """
    ticket = ops.where(valid, stateless_uniform((ops.shape(vectors)[0],), key, step), 2.0)
    number = ops.maximum(ops.sum(ops.cast(valid, "int32")), 1)
    turn = ops.mod(ops.arange(count, dtype="int32"), number)
    order = ops.cast(ops.argsort(ticket), "int32")
    return ops.take(vectors, ops.take(order, turn, axis=0), axis=0)
