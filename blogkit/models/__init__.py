"""Models that a notebook and a test assemble from the layers and samplers.

Keras tier: on blogkit.layers, blogkit.nlp, blogkit.ops and blogkit.sampling.
"""

from blogkit.models.bert_encoder import bert_encoder
from blogkit.models.bert_triple_network import BertTripleNetwork
from blogkit.models.code_prior import CodePrior
from blogkit.models.dgcnn import DGCNN
from blogkit.models.energy_model import EnergyModel
from blogkit.models.language_model import LanguageModel
from blogkit.models.masked_language_model import masked_language_model
from blogkit.models.nl2sql import NL2SQL
from blogkit.models.span_extractor import SpanLoss, span_extractor
from blogkit.models.text_classifier import text_classifier
from blogkit.models.triple_batches import TripleBatches
from blogkit.models.triple_extractor import TripleExtractor
from blogkit.models.triple_loss import triple_loss
from blogkit.models.vq_vae import VQVAE
from blogkit.models.vq_vae_networks import vq_vae_networks

__all__ = [
    "BertTripleNetwork",
    "CodePrior",
    "DGCNN",
    "EnergyModel",
    "LanguageModel",
    "NL2SQL",
    "SpanLoss",
    "TripleBatches",
    "TripleExtractor",
    "VQVAE",
    "bert_encoder",
    "masked_language_model",
    "span_extractor",
    "text_classifier",
    "triple_loss",
    "vq_vae_networks",
]
