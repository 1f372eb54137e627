"""Sizes and weights of a BERT from a preset of Keras."""

from collections.abc import Collection, Iterator
from pathlib import Path

import keras
import numpy as np

from blogkit.extras import import_extra
from blogkit.models.bert.hugging_face_folder import SIZES
from blogkit.models.bert.transformer import WITHOUT_TENSORFLOW
from blogkit.models.bert.weight_names import named_variables


class KerasPreset:
    """A folder that `keras_hub.models.BertBackbone.save_to_preset` has made; see `HuggingFaceFolder`."""

    exact_gelu = False  # keras-hub has the approximation only

    def __init__(self, folder: Path):
        models = import_extra("keras_hub.models", "bert_encoder", WITHOUT_TENSORFLOW)
        backbone = models.BertBackbone.from_preset(str(folder.resolve()))
        self.sizes = {name: getattr(backbone, name) for name in SIZES}
        self._named = {named.name: named for named in named_variables(backbone)}

    @property
    def names(self) -> Collection[str]:
        return self._named.keys()

    def weights(self, names: Collection[str]) -> Iterator[tuple[str, np.ndarray]]:
        """Yield `(name, array)` of the weights `names`, kernels `(out, in)`."""
        for name in names:
            named = self._named[name]
            array = keras.ops.convert_to_numpy(named.variable)
            shape = named.shape[::-1] if named.is_kernel else named.shape
            array = array.reshape(shape)
            yield name, array.T if named.is_kernel else array
