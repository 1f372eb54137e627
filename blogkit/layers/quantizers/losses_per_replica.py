"""One list of losses per replica, for layers whose replicas exchange sums."""

import keras

from blogkit.ops import replica_number


class LossesPerReplica(keras.layers.Layer):
    """A layer with one list of losses for each replica of `tf.distribute`.

    Where replicas exchange sums in the middle of a call, `MirroredStrategy` stops the code of one
    and goes on with that of the next. Keras 3.15 keeps one list for all: the next replica empties
    it, and the first then finds losses that its variables have no gradient from.
    """

    # Private attribute of Keras' Layer, which appends to it, empties it and reads it.
    @property
    def _losses(self):
        return self.__dict__.setdefault("_losses_by_replica", {}).setdefault(replica_number(), [])

    @_losses.setter
    def _losses(self, losses):
        self.__dict__["_losses_by_replica"] = {replica_number(): list(losses)}
