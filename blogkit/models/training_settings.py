"""What a training in a folder is: compared when it is resumed, so that no other training goes on there."""

import hashlib
import importlib.metadata
import json
import re
import warnings

import keras
import numpy as np

from blogkit.models.shuffled_batches import EpochOrder
from blogkit.ops.keras_internals import random_seed

IGNORED = {"shared_object_id", "build_config", "compile_config", "module", "registered_name"}
MOST = 300  # settings of one object that are listed by name; of more, a hash
ROWS = 1 << 24  # bytes of an array that are hashed at a time: a memory-mapped one may exceed the memory


def training_settings(model: keras.Model, x, kwargs: dict) -> dict:
    """Everything that `resumable_fit` can know of a training, flat: dotted name to JSON value.

    Backend, versions, the seed of `keras.utils.set_random_seed`, the configuration of model, optimizer
    and loss, sizes, and hashes of the training and validation data.
    """
    found = {
        "backend": keras.backend.backend(),
        "keras": keras.__version__,
        "version of the backend": _version(keras.backend.backend()),
        "random_seed": random_seed(),
        "epochs": kwargs.get("epochs", 1),
        "batch_size": kwargs.get("batch_size", getattr(x, "batch_size", None)),
        "class_weight": kwargs.get("class_weight"),
        "parameters": model.count_params(),
        "data": data_hash((x, kwargs.get("y"), kwargs.get("sample_weight"))),
        "validation_data": data_hash(kwargs.get("validation_data")),
    }
    if isinstance(x, keras.utils.PyDataset):
        found["batches"] = len(x)
    if isinstance(x, EpochOrder):
        found |= {"rows": x.count, "seed": x.seed}
    parts = {"model": model, "optimizer": model.optimizer, "loss": getattr(model, "loss", None)}
    for name, part in parts.items():
        found |= _described(name, _config(part))
    return found


def data_hash(data) -> str | None:
    """SHA-256 of arrays, or of what the batches of a data set are made of; None of nothing.

    A `PyDataset` that has no `content()` counts by its first and its last batch.
    """
    if data is None or isinstance(data, tuple) and all(part is None for part in data):
        return None
    digest = hashlib.sha256()
    _update(digest, data)
    return digest.hexdigest()


def _update(digest, data):
    if isinstance(data, keras.utils.PyDataset):
        content = getattr(data, "content", None)
        data = content() if content else [data[0], data[len(data) - 1]]
    if isinstance(data, dict):
        data = sorted(data.items())
    if isinstance(data, (list, tuple)):
        digest.update(f"{len(data)} parts\n".encode())
        for part in data:
            _update(digest, part)
    elif hasattr(data, "shape"):
        array = data if isinstance(data, np.ndarray) else keras.ops.convert_to_numpy(data)
        digest.update(f"{array.dtype} {array.shape}\n".encode())
        if array.dtype == object:
            digest.update(repr(array.tolist()).encode())
            return
        step = max(1, ROWS // max(1, array[:1].nbytes)) if array.ndim else 1
        for start in range(0, len(array), step) if array.ndim else ():
            digest.update(np.ascontiguousarray(array[start : start + step]).tobytes())
        if not array.ndim:
            digest.update(array.tobytes())
    else:
        digest.update(repr(data).encode("utf-8", "surrogatepass"))


def _version(backend):
    try:
        return importlib.metadata.version(backend)
    except importlib.metadata.PackageNotFoundError:  # TensorFlow under another name
        return None


def _config(part):
    """The configuration of a Keras object, or what names it; JSON values."""
    try:
        with warnings.catch_warnings(action="ignore"):  # of lambdas, which are not read back here
            config = keras.saving.serialize_keras_object(part)
    except Exception:  # a class of the user's own may raise anything in its `get_config`
        config = type(part).__name__
    config = _kept(json.loads(json.dumps(config, sort_keys=True, default=_named)))
    names = {}
    _collect_names(config, names)
    return _renamed(config, names)


def _named(value):
    return getattr(value, "__name__", type(value).__name__)


def _kept(tree):
    if isinstance(tree, list):
        return [_kept(part) for part in tree]
    if not isinstance(tree, dict):
        return tree
    if tree.get("class_name") == "__lambda__":  # its code holds the path of the file
        return "lambda"
    return {key: _kept(value) for key, value in tree.items() if key not in IGNORED}


def _collect_names(tree, names):
    """Numbers for the names that Keras counts up in a process, such as `dense_3`."""
    if isinstance(tree, dict):
        config = tree.get("config")
        if isinstance(config, dict) and isinstance(name := config.get("name"), str):
            counted = re.sub(r"_\d+$", "", name).replace("_", "")
            if counted == str(tree.get("class_name")).lower():
                names.setdefault(name, f"#{len(names)}")
        tree = list(tree.values())
    for part in tree if isinstance(tree, list) else ():
        _collect_names(part, names)


def _renamed(tree, names):
    if isinstance(tree, dict):
        return {key: _renamed(value, names) for key, value in tree.items()}
    if isinstance(tree, list):
        return [_renamed(part, names) for part in tree]
    return names.get(tree, tree) if isinstance(tree, str) else tree


def _described(name, config):
    found = _flat(name, config)
    if len(found) <= MOST:
        return found
    text = json.dumps(config, sort_keys=True)
    return {name: f"sha256 {hashlib.sha256(text.encode()).hexdigest()}"}


def _flat(name, tree):
    """Dotted names and leaves; an object's class stands under the object's own name."""
    if isinstance(tree, dict) and {"class_name", "config"} <= set(tree):
        return {name: tree["class_name"]} | _flat(name, tree["config"])
    if isinstance(tree, (dict, list)) and tree:
        items = tree.items() if isinstance(tree, dict) else enumerate(tree)
        return {leaf: value for key, part in items for leaf, value in _flat(f"{name}.{key}", part).items()}
    return {name: tree}
