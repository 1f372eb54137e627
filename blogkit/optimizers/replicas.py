"""`tf.distribute`: one AccumOptimizer on several replicas, each with its own window.

A replica r adds up its own gradients, without a word to the others. Once per window the
wrapped optimizer sums over the R replicas, as it always does, so r hands it

    s_r / ((w_1 + ... + w_R) / R),

with s_r and w_r the sum and the weight of its window: Keras divides every loss by R.

Nothing here is used, or imported, on other backends or with one replica.
"""

import keras


def count_replicas():
    """Number of replicas of the `tf.distribute` strategy in scope; 1 without one."""
    if keras.backend.backend() != "tensorflow":
        return 1
    import tensorflow as tf

    return tf.distribute.get_strategy().num_replicas_in_sync


def get_replica_id():
    """Which replica this code runs for; 0 outside of replicas."""
    if count_replicas() == 1:
        return 0
    import tensorflow as tf

    context = tf.distribute.get_replica_context()
    return 0 if context is None else int(tf.get_static_value(context.replica_id_in_sync_group))


def mean_over_replicas(tensor):
    """Mean of one tensor per replica, to be called on each of them."""
    import tensorflow as tf

    return tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.MEAN, tensor)


def run_if_on_replicas(condition, function):
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


def on_all_replicas(function):
    """A function without arguments that calls `function()` on each replica, from outside."""
    import tensorflow as tf

    strategy = tf.distribute.get_strategy()

    @tf.function  # eagerly, one replica would end the window before the next has used it
    def run():
        strategy.run(function)

    return run


def add_local_variable(optimizer, shape, initializer, dtype, layout=None, name=None):
    """`optimizer.add_variable` with a value of its own on each replica."""
    variable = keras.Variable(
        initializer,
        shape=shape,
        dtype=dtype,
        trainable=False,
        synchronization="on_read",
        # What a checkpoint gets. An integer has no mean, and counts the same on all.
        aggregation="only_first_replica" if dtype == "int" else "mean",
        name=name,
    )
    optimizer._track_variable(variable)
    return variable
