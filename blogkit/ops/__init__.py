"""Operations that Keras has no equivalent of: one function each, on three backends.

Keras tier, a leaf: the argument checks aside, it imports nothing of blogkit.
"""

from blogkit.ops.branch import branch
from blogkit.ops.compiled import collect, compiled, repeat
from blogkit.ops.compiled_update import compiled_update
from blogkit.ops.cumax import accumulation_dtype, cumax
from blogkit.ops.full_matmul import full_matmul
from blogkit.ops.has_values import has_values
from blogkit.ops.loss_and_gradients import loss_and_gradients, no_gradients
from blogkit.ops.map_rows import map_rows
from blogkit.ops.replicas import replica_number, rows_of_replicas, sum_over_replicas
from blogkit.ops.scan import scan
from blogkit.ops.segment_sum import segment_sum
from blogkit.ops.sole_largest import sole_largest
from blogkit.ops.stateless_random import random_key, stateless_normal, stateless_uniform
from blogkit.ops.straight_through import straight_through
from blogkit.ops.value_and_gradient import value_and_gradient
from blogkit.ops.with_gradient import with_gradient

__all__ = [
    "accumulation_dtype",
    "branch",
    "collect",
    "compiled",
    "compiled_update",
    "cumax",
    "full_matmul",
    "has_values",
    "loss_and_gradients",
    "map_rows",
    "no_gradients",
    "random_key",
    "repeat",
    "replica_number",
    "rows_of_replicas",
    "scan",
    "segment_sum",
    "sole_largest",
    "stateless_normal",
    "stateless_uniform",
    "straight_through",
    "sum_over_replicas",
    "value_and_gradient",
    "with_gradient",
]
