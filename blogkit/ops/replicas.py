"""What the replicas of `tf.distribute` agree on; as it is on everything else.

On JAX, `keras.distribution` splits arrays and not code: a sum there is already one over all
devices. Keras leaves several torch processes to torch.
"""

import keras


def sum_over_replicas(tensor):
    """The sum of one tensor per replica, the same on each; `tensor` itself with one replica.

    >>> float(sum_over_replicas(keras.ops.convert_to_tensor(3.0)))
    3.0
    """
    context = _context()
    return tensor if context is None else context.all_reduce("SUM", tensor)


def rows_of_replicas(number):
    """Where this replica's `number` rows begin among those of all replicas, and how many those are.

    With one replica the first is None.

    >>> rows_of_replicas(5)
    (None, 5)
    """
    context = _context()
    if context is None:
        return None, number
    own = keras.ops.arange(context.num_replicas_in_sync) == replica_number()
    numbers = context.all_reduce("SUM", keras.ops.where(own, number, 0))
    return keras.ops.sum(numbers[: replica_number()]), keras.ops.sum(numbers)


def replica_number():
    """Which replica this code runs for, a Python integer; 0 outside of replicas."""
    context = _context()
    if context is None:
        return 0
    import tensorflow as tf

    return int(tf.get_static_value(context.replica_id_in_sync_group))


def _context():
    """That of the replica this code runs for, None if it is the only one."""
    if keras.backend.backend() != "tensorflow":
        return None
    import tensorflow as tf

    context = tf.distribute.get_replica_context()
    return context if context is not None and context.num_replicas_in_sync > 1 else None
