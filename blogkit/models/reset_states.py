"""Callback that resets recurrent states before every pass over a text."""

import keras


class ResetStates(keras.callbacks.Callback):
    """Calls the model's `reset_states` before each epoch, evaluation and prediction."""

    def on_epoch_begin(self, epoch, logs=None):
        self.model.reset_states()

    def on_test_begin(self, logs=None):
        self.model.reset_states()

    def on_predict_begin(self, logs=None):
        self.model.reset_states()


def with_reset(callbacks):
    """`callbacks` of a call of `fit`, `evaluate` or `predict`, after a `ResetStates`."""
    if isinstance(callbacks, keras.callbacks.CallbackList):
        return callbacks  # of an evaluation inside `fit`, which contains a ResetStates
    if isinstance(callbacks, keras.callbacks.Callback):
        callbacks = [callbacks]
    return [ResetStates(), *(callbacks or ())]
