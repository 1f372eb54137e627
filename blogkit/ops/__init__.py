"""Operations that Keras has no equivalent of, each the same on TensorFlow, JAX and torch.

Everything that touches a backend stands here, and every private name of Keras in `keras_internals`.

Keras tier, a leaf: the argument checks aside, it imports nothing of blogkit.
"""

from blogkit.ops.accumulate import accumulate, densify, divide_or_zero
from blogkit.ops.apply_optimizer import apply_optimizer
from blogkit.ops.branch import branch
from blogkit.ops.compiled import collect, compiled, repeat
from blogkit.ops.compiled_update import compiled_update
from blogkit.ops.cumax import accumulation_dtype, cumax
from blogkit.ops.finite_data import FiniteData, check_finite_data
from blogkit.ops.float64 import float64_enabled
from blogkit.ops.full_matmul import full_matmul
from blogkit.ops.global_random_state import global_random_state, set_global_random_state
from blogkit.ops.has_values import has_values
from blogkit.ops.largest import largest
from blogkit.ops.loss_and_gradients import loss_and_gradients, no_gradients
from blogkit.ops.map_rows import map_rows
from blogkit.ops.replicas import (
    count_replicas,
    mean_over_replicas,
    on_all_replicas,
    replica_number,
    rows_of_replicas,
    run_if_on_replicas,
    sum_over_replicas,
    variable_per_replica,
)
from blogkit.ops.run_if import run_if
from blogkit.ops.scan import scan
from blogkit.ops.segment_sum import segment_sum
from blogkit.ops.sole_largest import sole_largest
from blogkit.ops.stateless_random import random_key, stateless_normal, stateless_uniform
from blogkit.ops.straight_through import straight_through
from blogkit.ops.value_and_gradient import value_and_gradient
from blogkit.ops.with_gradient import with_gradient

__all__ = [
    "FiniteData",
    "accumulate",
    "accumulation_dtype",
    "apply_optimizer",
    "branch",
    "check_finite_data",
    "collect",
    "compiled",
    "compiled_update",
    "count_replicas",
    "cumax",
    "densify",
    "divide_or_zero",
    "float64_enabled",
    "full_matmul",
    "global_random_state",
    "has_values",
    "largest",
    "loss_and_gradients",
    "map_rows",
    "mean_over_replicas",
    "no_gradients",
    "on_all_replicas",
    "random_key",
    "repeat",
    "replica_number",
    "rows_of_replicas",
    "run_if",
    "run_if_on_replicas",
    "scan",
    "segment_sum",
    "set_global_random_state",
    "sole_largest",
    "stateless_normal",
    "stateless_uniform",
    "straight_through",
    "sum_over_replicas",
    "value_and_gradient",
    "variable_per_replica",
    "with_gradient",
]
