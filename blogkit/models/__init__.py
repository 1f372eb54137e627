"""Models that a notebook and a test assemble from the layers and samplers.

Keras tier: on blogkit.layers, blogkit.nlp, blogkit.ops and blogkit.sampling.
"""

from blogkit.models.bert_encoder import bert_encoder
from blogkit.models.code_prior import CodePrior
from blogkit.models.energy_model import EnergyModel
from blogkit.models.language_model import LanguageModel
from blogkit.models.nl2sql import NL2SQL
from blogkit.models.vq_vae import VQVAE
from blogkit.models.vq_vae_networks import vq_vae_networks

__all__ = ["CodePrior", "EnergyModel", "LanguageModel", "NL2SQL", "VQVAE", "bert_encoder", "vq_vae_networks"]
