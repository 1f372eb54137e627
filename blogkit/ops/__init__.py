"""Operations that Keras has no equivalent of: one function each, on three backends.

Keras tier, a leaf: imports nothing else of blogkit.
"""

from blogkit.ops.compiled import collect, compiled, repeat
from blogkit.ops.compiled_update import compiled_update
from blogkit.ops.cumax import accumulation_dtype, cumax
from blogkit.ops.loss_and_gradients import loss_and_gradients, no_gradients
from blogkit.ops.scan import scan
from blogkit.ops.stateless_random import random_key, stateless_normal, stateless_uniform
from blogkit.ops.value_and_gradient import value_and_gradient
from blogkit.ops.with_gradient import with_gradient

__all__ = [
    "accumulation_dtype",
    "collect",
    "compiled",
    "compiled_update",
    "cumax",
    "loss_and_gradients",
    "no_gradients",
    "random_key",
    "repeat",
    "scan",
    "stateless_normal",
    "stateless_uniform",
    "value_and_gradient",
    "with_gradient",
]
