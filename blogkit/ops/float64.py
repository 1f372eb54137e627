"""Computing in float64, which JAX does only when told to."""

import contextlib
from collections.abc import Iterator

import keras


@contextlib.contextmanager
def float64_enabled() -> Iterator[None]:
    """Within it float64 stays float64 on every backend; JAX otherwise makes float32 of everything.

    For all threads, unlike the context manager `jax.enable_x64`.
    """
    if keras.backend.backend() != "jax":
        yield
        return
    import jax

    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    try:
        yield
    finally:
        jax.config.update("jax_enable_x64", before)
