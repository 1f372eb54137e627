"""Random vectors of a batch as new codes, the same on all replicas."""

from keras import ops

from blogkit.layers.quantizers.codebook.choose_rows import choose_rows, valid_everywhere
from blogkit.ops import branch, sum_over_replicas


def draw_codes(wanted, vectors, valid, num_codes: int, key, step):
    """`num_codes` random valid vectors of all replicas for each head, if `wanted`.

    Replicas exchange which of their vectors are valid, and then those chosen: outside of `branch`,
    where they could not.

    Args:
        wanted: Boolean tensor, equal on all replicas.
        vectors: Tensor `(number, heads, dim // heads)`, this replica's.
        valid: Booleans `(number,)`.
        num_codes: Number of codes of a head.
        key, step: As `stateless_uniform` takes them: the same choice for the same two.

    Returns:
        Tensor `(heads * num_codes, dim // heads)`, 0 if not `wanted`; and whether any replica has a
        valid vector.
    """
    valid, start = valid_everywhere(valid)
    shape, ready = (num_codes, *vectors.shape[1:]), ops.any(valid)
    rows = branch(
        ops.logical_and(wanted, ready),
        lambda: choose_rows(vectors, valid, start, num_codes, key, step),
        lambda: ops.zeros(shape, vectors.dtype),
    )
    rows = ops.swapaxes(sum_over_replicas(rows), 0, 1)
    return ops.reshape(rows, (vectors.shape[1] * num_codes, vectors.shape[2])), ready
