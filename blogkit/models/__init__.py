"""Complete models of the articles, assembled from blogkit's layers and samplers.

Keras tier: imports blogkit.layers, blogkit.nlp, blogkit.ops and blogkit.sampling.
"""

from blogkit.models.bert.bert_encoder import bert_encoder
from blogkit.models.bert.bert_triple_network import BertTripleNetwork
from blogkit.models.bert.computed_once import computed_once
from blogkit.models.bert.cut_padding import cut_padding
from blogkit.models.bert.encoder_parts import split_encoder
from blogkit.models.bert.masked_language_model import masked_language_model
from blogkit.models.bert.span_extractor import SpanLoss, span_extractor
from blogkit.models.bert.text_classifier import text_classifier
from blogkit.models.best_weights import BestWeights
from blogkit.models.energy_model import EnergyModel
from blogkit.models.language_model import LanguageModel
from blogkit.models.nl2sql import NL2SQL
from blogkit.models.resumable_fit import resumable_fit
from blogkit.models.shuffled_batches import ShuffledBatches
from blogkit.models.triples.dgcnn import DGCNN
from blogkit.models.triples.triple_batches import TripleBatches
from blogkit.models.triples.triple_extractor import TripleExtractor
from blogkit.models.triples.triple_loss import triple_loss
from blogkit.models.vq.code_prior import CodePrior
from blogkit.models.vq.vq_vae import VQVAE
from blogkit.models.vq.vq_vae_networks import vq_vae_networks

__all__ = [
    "BertTripleNetwork",
    "BestWeights",
    "CodePrior",
    "DGCNN",
    "EnergyModel",
    "LanguageModel",
    "NL2SQL",
    "ShuffledBatches",
    "SpanLoss",
    "TripleBatches",
    "TripleExtractor",
    "VQVAE",
    "bert_encoder",
    "computed_once",
    "cut_padding",
    "masked_language_model",
    "resumable_fit",
    "span_extractor",
    "split_encoder",
    "text_classifier",
    "triple_loss",
    "vq_vae_networks",
]
