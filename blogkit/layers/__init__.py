"""Keras layers of the articles: an LSTM with ordered neurons, a vector quantizer, causal attention.

Keras tier: on blogkit.ops.
"""

from blogkit.layers.causal_block import CausalBlock
from blogkit.layers.official_on_lstm import official_on_lstm_weights
from blogkit.layers.on_lstm import ONLSTM
from blogkit.layers.on_lstm_cell import ONLSTMCell
from blogkit.layers.on_lstm_step import on_lstm_step
from blogkit.layers.residual_vector_quantizer import ResidualVectorQuantizer
from blogkit.layers.vector_quantizer import VectorQuantizer

__all__ = [
    "CausalBlock",
    "ONLSTM",
    "ONLSTMCell",
    "ResidualVectorQuantizer",
    "VectorQuantizer",
    "official_on_lstm_weights",
    "on_lstm_step",
]
