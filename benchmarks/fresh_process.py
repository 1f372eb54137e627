"""One measurement in a fresh process, with its own backend and without memory of earlier ones."""

import importlib
import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor


def in_fresh_process(backend: str, module: str, function: str, **arguments):
    """`module.function(**arguments)` where `keras` starts with `backend`.

    Module and function are names, because importing the module would start Keras in this process:
    its backend cannot be changed, and on a GPU JAX reserves most of the memory for the first process.
    """
    # Not a fork, which would inherit threads and memory allocators.
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn) as pool:
        return pool.submit(_call, backend, module, function, arguments).result()


def _call(backend, module, function, arguments):
    from blogkit.report import quiet_start

    os.environ["KERAS_BACKEND"] = backend
    with quiet_start():
        loaded = importlib.import_module(module)
    return getattr(loaded, function)(**arguments)
