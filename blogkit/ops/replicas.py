"""Replicas of `tf.distribute`: sums over them, conditionals on them, and values of their own.

With one replica, and on other backends, nothing here does anything. On JAX `keras.distribution`
splits arrays and not code: a sum there is already one over all devices. Keras leaves several torch
processes to torch.
"""

from collections.abc import Callable

import keras


def sum_over_replicas(tensor):
    """The sum of one tensor per replica, the same on each; `tensor` itself with one replica.

    >>> float(sum_over_replicas(keras.ops.convert_to_tensor(3.0)))
    3.0
    """
    context = _context()
    return tensor if context is None else context.all_reduce("SUM", tensor)


def rows_of_replicas(number):
    """The first of this replica's `number` rows among the rows of all replicas, and their total.

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


def replica_number() -> int:
    """The number of the replica that this code runs for, a Python integer; 0 outside of replicas."""
    context = _context()
    if context is None:
        return 0
    import tensorflow as tf

    return int(tf.get_static_value(context.replica_id_in_sync_group))


def count_replicas() -> int:
    """Number of replicas of the `tf.distribute` strategy in scope; 1 without one."""
    if keras.backend.backend() != "tensorflow":
        return 1
    import tensorflow as tf

    return tf.distribute.get_strategy().num_replicas_in_sync


def mean_over_replicas(tensor):
    """The mean of one tensor per replica, the same on each; `tensor` itself with one replica."""
    context = _context()
    return tensor if context is None else context.all_reduce("MEAN", tensor)


def run_if_on_replicas(condition, function: Callable) -> None:
    """Calls `function()` on each replica if `condition`, which is the same on all, holds."""
    import tensorflow as tf

    def decide(strategy, condition):
        # Here, outside of the replicas: inside, a conditional must not wait for others.
        tf.cond(
            strategy.experimental_local_results(condition)[0],
            lambda: strategy.extended.call_for_each_replica(function),
            lambda: None,
        )

    tf.distribute.get_replica_context().merge_call(decide, args=(condition,))


def on_all_replicas(function: Callable) -> Callable:
    """A function without arguments that calls `function()` on each replica, from outside.

    With one replica it is `function` itself.
    """
    if count_replicas() == 1:
        return function
    import tensorflow as tf

    strategy = tf.distribute.get_strategy()

    @tf.function  # eagerly, one replica would end the window before the next has used it
    def run():
        strategy.run(function)

    return run


def variable_per_replica(shape: tuple, initializer, dtype: str, name: str | None = None):
    """A `keras.Variable` that is not trained, with a value of its own on each replica."""
    return keras.Variable(
        initializer,
        shape=shape,
        dtype=dtype,
        trainable=False,
        synchronization="on_read",
        # What a checkpoint gets. An integer has no mean, and counts the same on all.
        aggregation="only_first_replica" if dtype == "int" else "mean",
        name=name,
    )


def _context():
    """The context of the replica that this code runs for; None if it is the only one."""
    if keras.backend.backend() != "tensorflow":
        return None
    import tensorflow as tf

    context = tf.distribute.get_replica_context()
    return context if context is not None and context.num_replicas_in_sync > 1 else None
