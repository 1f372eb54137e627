"""The sides of the BERT benchmark: `bert_encoder` on Keras' backend, `BertModel` of transformers on torch.

A side has `infer()`, the token vectors as a NumPy array, and `train()`, a training step that returns
the loss. Both start from NumPy arrays and return when the device has done all of the work.
"""

# Before Keras: torch and TensorFlow are then loaded in the same order with every backend.
import importlib.util

if importlib.util.find_spec("torch") and importlib.util.find_spec("transformers"):
    import torch
    import transformers
else:
    transformers = None

import keras
import numpy as np

from blogkit.models import bert_encoder
from blogkit.models.bert.weight_names import named_variables
from blogkit.report import environment
from blogkit.report.environment import processor

BACKEND = keras.backend.backend()
PEER, OURS, OURS_XLA = "transformers.BertModel", "bert_encoder", "bert_encoder, XLA"
# The losses should fall at once, so that another optimizer would be seen. The time is the same for any.
LEARNING_RATE, WEIGHT_DECAY, EPSILON = 1e-3, 0.01, 1e-8


def make_sides(sizes):
    """All sides by name, with the same weights, the peer first where it is installed."""
    batch, weights = data(**sizes), random_weights(sizes)
    sides = {} if transformers is None else {PEER: Peer(sizes, weights, batch)}
    sides[OURS] = Ours(sizes, weights, batch)
    if BACKEND == "tensorflow":  # on a CPU Keras uses XLA only when told to
        sides[OURS_XLA] = Ours(sizes, weights, batch, jit_compile=True)
    return sides


def data(vocabulary, batch, length, width, **other):
    """Token ids, 0 where `mask` is 0, in rows of half to full length, and vectors to learn."""
    rng = np.random.default_rng(0)
    lengths = rng.integers((length + 1) // 2, length + 1, (batch, 1))
    mask = np.arange(length) < lengths
    ids = rng.integers(1, vocabulary, (batch, length)) * mask
    target = rng.normal(size=(batch, length, width)).astype("float32")
    return {"ids": ids.astype("int32"), "mask": mask.astype("int32"), "target": target}


def encoder(sizes):
    return bert_encoder(
        vocabulary_size=sizes["vocabulary"],
        hidden_dim=sizes["width"],
        num_layers=sizes["layers"],
        num_heads=sizes["heads"],
        max_length=sizes["length"],
        dropout=0.0,
        gelu="exact",
    )


def random_weights(sizes):
    """Weights by Hugging Face's names, large enough that every part of the network affects the vectors."""
    rng = np.random.default_rng(1)
    weights = {}
    for one in named_variables(encoder(sizes)):
        mean = 1 if one.name.endswith("LayerNorm.weight") else 0
        scale = one.shape[1] ** -0.5 if one.is_kernel else 0.1
        weights[one.name] = rng.normal(mean, scale, one.shape).astype("float32")
    return weights


class Ours:
    """`bert_encoder` as `predict_on_batch` and `train_on_batch` run it."""

    def __init__(self, sizes, weights, batch, jit_compile="auto"):
        network = encoder(sizes)
        for one in named_variables(network):
            array = weights[one.name].T if one.is_kernel else weights[one.name]
            one.variable.assign(array.reshape(one.variable.shape))
        self.model = keras.Model(network.input, network.output["sequence_output"])
        optimizer = AdamW(LEARNING_RATE, weight_decay=WEIGHT_DECAY, epsilon=EPSILON)
        self.model.compile(optimizer, "mse", jit_compile=jit_compile)
        ids, mask = batch["ids"], batch["mask"]
        self.inputs = {"token_ids": ids, "segment_ids": np.zeros_like(ids), "padding_mask": mask}
        self.target = batch["target"]

    def run(self, mode):
        return self.train if mode == "training" else self.infer

    def infer(self):
        return self.model.predict_on_batch(self.inputs)

    def train(self):
        loss = float(self.model.train_on_batch(self.inputs, self.target))
        WAIT[BACKEND](self.model)
        return loss


class AdamW(keras.optimizers.AdamW):
    """AdamW that adds up the gradients of all occurrences of a token, with TensorFlow, too.

    Keras 3.15 squares them one by one there: if all are equal, a token that occurs n times moves
    sqrt(n) times as far as with JAX and torch.
    """

    def apply(self, grads, trainable_variables=None):
        if BACKEND == "tensorflow":
            import tensorflow as tf

            grads = [tf.convert_to_tensor(gradient) for gradient in grads]
        super().apply(grads, trainable_variables)


class Peer:
    """`transformers.BertModel` in torch, on a GPU if Keras uses one."""

    def __init__(self, sizes, weights, batch):
        config = transformers.BertConfig(
            vocab_size=sizes["vocabulary"],
            hidden_size=sizes["width"],
            num_hidden_layers=sizes["layers"],
            num_attention_heads=sizes["heads"],
            intermediate_size=4 * sizes["width"],
            max_position_embeddings=sizes["length"],
            hidden_act="gelu",
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
            pad_token_id=None,  # else the vector of padding would not be trained, as it is in Keras
        )
        self.device = "cpu" if environment()["device"] == processor() else "cuda"
        self.model = transformers.BertModel(config, add_pooling_layer=False)
        tensors = {name: torch.from_numpy(array) for name, array in weights.items()}
        # Strict: all weights but those of the pooler, which ours leaves out, too.
        self.model.load_state_dict({name: t for name, t in tensors.items() if "pooler" not in name})
        self.model.to(self.device)
        self.optimizer = torch.optim.AdamW(
            self.model.parameters(), LEARNING_RATE, weight_decay=WEIGHT_DECAY, eps=EPSILON, fused=True
        )
        ids, mask = (batch[name].astype("int64") for name in ("ids", "mask"))
        self.inputs = {"input_ids": ids, "token_type_ids": np.zeros_like(ids), "attention_mask": mask}
        self.target = batch["target"]

    def run(self, mode):
        self.model.train(mode == "training")
        return self.train if mode == "training" else self.infer

    def infer(self):
        with torch.inference_mode():
            return self._vectors().cpu().numpy()

    def train(self):
        self.optimizer.zero_grad()
        loss = torch.nn.functional.mse_loss(self._vectors(), self._tensor(self.target))
        loss.backward()
        self.optimizer.step()
        wait_for_torch(self.model)
        return loss.item()

    def _vectors(self):
        inputs = {name: self._tensor(array) for name, array in self.inputs.items()}
        return self.model(**inputs).last_hidden_state

    def _tensor(self, array):
        return torch.from_numpy(array).to(self.device)


def wait_for_jax(model):
    import jax

    jax.block_until_ready([variable.value for variable in model.weights])


def wait_for_tensorflow(model):
    import tensorflow as tf

    tf.test.experimental.sync_devices()


def wait_for_torch(model):
    import torch

    if torch.cuda.is_available():
        torch.cuda.synchronize()


WAIT = {"jax": wait_for_jax, "tensorflow": wait_for_tensorflow, "torch": wait_for_torch}
