"""Each private name in keras_internals.py: its test fails with the name's purpose when Keras changes."""

import keras
import numpy as np
import pytest
from keras import ops

from blogkit.ops import keras_internals

BACKEND = keras.backend.backend()


def check_exists(owner, name, purpose):
    assert hasattr(owner, name), f"Keras {keras.__version__} has no `{name}` any more. Needed {purpose}."


class Nested(keras.layers.Layer):
    def __init__(self):
        super().__init__()
        self.inside = keras.layers.BatchNormalization()

    def call(self, inputs):
        return self.inside(inputs)


def test_random_seed_is_that_of_set_random_seed():
    from keras.src.utils import rng_utils

    purpose = "to recognize the training that a folder belongs to"
    check_exists(rng_utils, "get_random_seed", purpose)
    keras.utils.set_random_seed(1234)
    assert keras_internals.random_seed() == 1234, purpose


def test_layers_inside_finds_a_layer_that_a_layer_contains():
    purpose = "to find BatchNormalization and SpectralNormalization at any depth"
    check_exists(keras.layers.Layer, "_flatten_layers", purpose)
    model = keras.Sequential([keras.Input((2,)), Nested()])
    assert model.layers[0].inside in keras_internals.layers_inside(model), purpose
    assert model.layers[0].inside not in model.layers  # the public way, which stops at the first level


def test_track_variable_adds_one_that_the_optimizer_did_not_create():
    purpose = "for variables with a value per replica, and for Nadam's product inside a LossScaleOptimizer"
    check_exists(keras.optimizers.Optimizer, "_track_variable", purpose)
    optimizer, variable = keras.optimizers.SGD(), keras.Variable(0.0, trainable=False)
    keras_internals.track_variable(optimizer, variable)
    assert any(variable is known for known in optimizer.variables), purpose


def test_nadam_is_still_built_without_tracking_inside_a_loss_scale():
    """When this fails, Keras tracks it by itself and `_track_forgotten_variables` can go."""
    nadam = keras.optimizers.Nadam()
    keras.optimizers.LossScaleOptimizer(nadam).build([keras.Variable([0.0])])
    product = [v for v in vars(nadam).values() if isinstance(v, keras.Variable) and v.shape == ()]
    forgotten = [v for v in product if all(v is not known for known in nadam.variables)]
    assert forgotten, "LossScaleOptimizer no longer forgets variables of the optimizer that it builds"


@pytest.mark.skipif(BACKEND != "jax", reason="Keras lays out variables over devices on JAX only")
def test_layout_of_a_variable_that_has_one():
    purpose = "to lay out the sum of a gradient over devices as its variable"
    import jax

    mesh = keras.distribution.DeviceMesh((1,), ["batch"], [f"{jax.devices()[0].platform}:0"])
    layout = keras.distribution.TensorLayout([None], mesh)
    variable = keras.Variable([0.0], layout=layout)
    check_exists(variable, "_layout", purpose)
    assert keras_internals.layout_of(variable) is layout, purpose


def test_layout_of_a_variable_without_one_is_none():
    assert keras_internals.layout_of(keras.Variable([0.0])) is None


class Asking(keras.optimizers.SGD):
    def build(self, variables):
        self.asked = [keras_internals.loss_scale_optimizer_around(self)]
        super().build(variables)


def test_a_loss_scale_optimizer_builds_the_optimizer_inside_it_by_itself():
    purpose = "to drop a window of micro-batches that overflowed in the LossScaleOptimizer of mixed_float16"
    inner = Asking()
    outer = keras.optimizers.LossScaleOptimizer(inner)
    outer.build([keras.Variable([0.0])])
    assert inner.asked == [outer], f"`LossScaleOptimizer.build` calls no inner `build`. Needed {purpose}."
    alone = Asking()
    alone.build([keras.Variable([0.0])])
    assert alone.asked == [None]


def test_the_loss_scale_has_the_names_that_outer_loss_scale_reads():
    outer = keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD())
    outer.build([keras.Variable([0.0])])
    for name in ("initial_scale", "dynamic_growth_steps", "dynamic_scale", "step_counter"):
        check_exists(outer, name, "to count the micro-batches that a LossScaleOptimizer skipped")


def test_swap_ema_weights_still_reads_the_average_by_this_name():
    purpose = "for SwapEMAWeights with an AccumOptimizer inside a LossScaleOptimizer"
    optimizer = keras.optimizers.SGD(use_ema=True)
    optimizer.build([keras.Variable([2.0])])
    check_exists(optimizer, "_model_variables_moving_average", purpose)

    class Wrapper(keras_internals.AveragesOfInnerOptimizer):
        inner_optimizer = optimizer

    name = "_model_variables_moving_average"
    assert getattr(Wrapper(), name) is getattr(optimizer, name), purpose


class Penalized(keras_internals.LossesPerReplica):
    def call(self, inputs):
        self.add_loss(ops.sum(inputs))
        return inputs


def test_keras_keeps_the_losses_of_a_layer_under_this_name():
    purpose = "to keep the losses of the replicas of tf.distribute apart"
    check_exists(keras.layers.Layer(), "_losses", purpose)
    layer = Penalized()
    layer(ops.ones(2))
    layer(ops.ones(3))  # empties the list first
    assert [float(loss) for loss in layer.losses] == [3.0]
    assert list(vars(layer)["_losses_by_replica"]) == [0], f"Keras keeps losses elsewhere. Needed {purpose}."


@pytest.mark.skipif(BACKEND != "torch", reason="a function of torch")
def test_add_in_place_adds_to_every_tensor():
    import torch

    check_exists(torch, "_foreach_add_", "to add all gradients of a micro-batch in one kernel")
    sums = [torch.zeros(2), torch.ones(3)]
    first = sums[0]
    keras_internals.add_in_place(sums, [torch.ones(2), torch.ones(3)])
    assert first is sums[0]
    np.testing.assert_array_equal(sums[0].numpy(), [1.0, 1.0])
    np.testing.assert_array_equal(sums[1].numpy(), [2.0, 2.0, 2.0])
