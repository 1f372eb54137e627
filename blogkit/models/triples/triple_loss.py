"""Loss of a triple extractor."""

from keras import ops


def triple_loss(labels: dict, probabilities: dict, mask):
    """Binary cross-entropy of subjects' starts and ends and of objects' starts and ends.

    Each of the four is a mean over the positions in the mask; the two of the objects are summed
    over predicates,

        L = sum over the four of  (sum_t mask_t bce_t) / (sum_t mask_t),

    as in bojone/kg-2019 and bojone/bert_in_keras: a position with one object among 50
    predicates weighs as much as one with a subject.

    Args:
        labels, probabilities: Dicts of `"subjects"`, `(batch, length, 2)`, and `"objects"`,
            `(batch, length, 2, predicates)`. Probabilities are clipped to [1e-7, 1 - 1e-7].
        mask: `(batch, length)`. The loss of an empty mask is 0.

    Returns:
        A float32 scalar.

    Example: probabilities of 1/2 everywhere, with 3 predicates: 2 ln 2 + 2 * 3 ln 2.

    >>> import numpy as np
    >>> from blogkit.models import triple_loss
    >>> shapes = {"subjects": (1, 4, 2), "objects": (1, 4, 2, 3)}
    >>> def full(p):
    ...     return {name: np.full(shape, p, "float32") for name, shape in shapes.items()}
    >>> zeros, halves = full(0), full(0.5)
    >>> round(float(triple_loss(zeros, halves, np.ones((1, 4))) / np.log(2)), 4)
    8.0
    """
    mask = ops.cast(mask, "float32")
    subjects, objects = (
        ops.binary_crossentropy(ops.cast(labels[name], "float32"), ops.cast(probabilities[name], "float32"))
        for name in ("subjects", "objects")
    )
    each = ops.sum(subjects, axis=-1) + ops.sum(objects, axis=(-2, -1))
    return ops.sum(each * mask) / ops.maximum(ops.sum(mask), 1.0)
