"""Keras layers of the articles: ordered neurons, vector quantizers, gated dilated convolutions, attention.

Keras tier: on blogkit.ops.
"""

from blogkit.layers.causal_block import CausalBlock
from blogkit.layers.dilated_gated_conv_1d import DilatedGatedConv1D
from blogkit.layers.quantizers.residual_vector_quantizer import ResidualVectorQuantizer
from blogkit.layers.quantizers.vector_quantizer import VectorQuantizer
from blogkit.layers.recurrent.official_on_lstm import official_on_lstm_weights
from blogkit.layers.recurrent.on_lstm import ONLSTM
from blogkit.layers.recurrent.on_lstm_cell import ONLSTMCell
from blogkit.layers.recurrent.on_lstm_step import on_lstm_step
from blogkit.layers.self_attention import SelfAttention

__all__ = [
    "CausalBlock",
    "DilatedGatedConv1D",
    "ONLSTM",
    "ONLSTMCell",
    "ResidualVectorQuantizer",
    "SelfAttention",
    "VectorQuantizer",
    "official_on_lstm_weights",
    "on_lstm_step",
]
