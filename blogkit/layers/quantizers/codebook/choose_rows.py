"""Random choice of valid rows of a batch, over all replicas."""

from keras import ops

from blogkit.ops import rows_of_replicas, stateless_uniform, sum_over_replicas


def choose_rows(vectors, valid, start, count: int, key, step):
    """`count` random rows among the valid ones, each once if there are enough.

    Args:
        vectors: Tensor `(batch, ...)`, this replica's rows.
        valid: Booleans for the rows of all replicas, at least one of them true.
        start: Index among these of the first row of `vectors`; None if there is one replica.
        count: Number of rows; if more than the valid ones, these repeat in turn.
        key, step: As `stateless_uniform` takes them: the same choice for the same two.

    Returns:
        Tensor `(count, ...)`: 0 for rows of other replicas, so that the sum over replicas has all.

    Example:

    >>> from blogkit.ops import random_key
    >>> rows = ops.convert_to_tensor([[1.0], [2.0], [3.0]])
    >>> valid = ops.convert_to_tensor([True, False, True])
    >>> chosen = choose_rows(rows, valid, None, 4, random_key(0), step=0)
    >>> sorted(ops.convert_to_numpy(chosen)[:, 0].tolist())
    [1.0, 1.0, 3.0, 3.0]
    """
    ticket = ops.where(valid, stateless_uniform((ops.shape(valid)[0],), key, step), 2.0)
    turn = ops.mod(ops.arange(count, dtype="int32"), ops.sum(ops.cast(valid, "int32")))
    order = ops.cast(ops.argsort(ticket), "int32")
    places = ops.take(order, turn, axis=0)
    if start is None:
        return ops.take(vectors, places, axis=0)
    places, number = places - start, ops.shape(vectors)[0]
    # Rows of other replicas read the zeros after our rows; we may have no rows.
    own = ops.where(ops.logical_and(places >= 0, places < number), places, number)
    return ops.take(ops.pad(vectors, [[0, 1], *[[0, 0]] * (len(vectors.shape) - 1)]), own, axis=0)


def valid_everywhere(valid):
    """Booleans of all replicas, concatenated, and the index where this one's start; None if it is alone."""
    number = ops.shape(valid)[0]
    start, total = rows_of_replicas(number)
    if start is None:
        return valid, None
    own = ops.pad(ops.cast(valid, "int32"), [[start, total - start - number]])
    return sum_over_replicas(own) > 0, start
