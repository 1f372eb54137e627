"""What does a Langevin step cost, compared with one gradient?

    python benchmarks/langevin.py                                # 10 dimensions, with KERAS_BACKEND
    KERAS_BACKEND=jax python benchmarks/langevin.py --energy conv --chains 100 --steps 10

The reference, ratio 1.00, is the bare gradient: a loop of `x = x - step_size * grad E(x)`, compiled
like the sampler, without noise, acceptance or records. It is compared with the two methods of
LangevinSampler and, where installed, blackjax (JAX), tensorflow-probability with and without XLA
(TensorFlow) and a hand-written loop (torch). Every side moves the same chains by the same number
of steps per round; sides alternate in one process. Figures are medians over rounds with quartiles.
"""

import argparse
import importlib.metadata
import importlib.util
import json
import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from interleave import interleave, ratios, spread
from keras import ops

from blogkit.ops import compiled, repeat, value_and_gradient
from blogkit.report import environment
from blogkit.sampling import LangevinSampler

BACKEND = keras.backend.backend()
REFERENCE = "bare gradient"
PEER_MALA = ("blackjax.mala", "tfp mala", "torch loop, mala")
STEP_SIZE = 0.01


def main(arguments=None):
    options = parse(arguments)
    result = measure(options.energy, options.chains, options.steps, options.rounds)
    print(
        f"{BACKEND}, {options.energy}, {options.chains} chains, {options.steps} steps a round, "
        f"{options.rounds} rounds"
    )
    print(f"{'side':22}{'ms a step':>26}{'over bare gradient':>26}{'over ' + str(result['peer']):>26}")
    for row in result["sides"]:
        print(f"{row['side']:22}{row['ms']:>26}{row['ratio']:>26}{row['peer']:>26}")
    if result["peer"] is None:
        print(f"No peer is installed. To compare with one: pip install {PACKAGE[BACKEND]}")
    if options.json:
        options.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


def parse(arguments):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--energy", choices=("gaussian", "conv"), default="gaussian", help="10 dimensions or 784")
    add("--chains", type=int, default=1000)
    add("--steps", type=int, default=200, help="per round and side (200)")
    add("--rounds", type=int, default=15)
    add("--json", type=Path, metavar="PATH", help="also write all figures to this file")
    return parser.parse_args(arguments)


def measure(energy, chains, steps, rounds):
    function, x0 = {"gaussian": gaussian, "conv": conv}[energy](chains)
    sides = {
        REFERENCE: bare_gradient(function, x0, steps),
        "LangevinSampler ula": ours(function, x0, steps, "ula"),
        "LangevinSampler mala": ours(function, x0, steps, "mala"),
        **PEERS[BACKEND](function, x0, steps),
    }
    for side in sides.values():
        side()  # compiles
    seconds = interleave(sides, rounds)
    over = ratios(seconds, REFERENCE)
    peer = next((name for name in PEER_MALA if name in sides), None)
    beside = ratios(seconds, peer) if peer else dict.fromkeys(sides, "")
    per_step = {name: spread(np.array(values) * 1e3 / steps) for name, values in seconds.items()}
    about = environment()
    for name in ("blackjax", "tensorflow-probability"):
        if importlib.util.find_spec(name.replace("-", "_")):
            about["versions"][name] = importlib.metadata.version(name)
    rows = [
        {
            "side": n,
            "ms": f"{per_step[n]}",
            "ratio": f"{over[n]}",
            "peer": f"{beside[n]}",
            "seconds": seconds[n],
        }
        for n in sides
    ]
    return {
        "environment": about,
        "energy": energy,
        "chains": chains,
        "steps": steps,
        "peer": peer,
        "sides": rows,
    }


def gaussian(chains):
    """x A x / 2 in ten dimensions, with eigenvalues from 0.2 to 5."""
    rng = np.random.default_rng(0)
    basis, _ = np.linalg.qr(rng.normal(size=(10, 10)))
    matrix = ops.convert_to_tensor((basis * np.geomspace(0.2, 5, 10)) @ basis.T, "float32")

    def energy(x):
        return ops.sum(ops.matmul(x, matrix) * x, axis=-1) / 2

    return energy, rng.normal(size=(chains, 10)).astype("float32")


def conv(chains):
    """A small network on 28 x 28 pixels."""
    keras.utils.set_random_seed(0)
    layers = [keras.layers.Conv2D(n, 3, strides=2, activation="swish") for n in (16, 32, 64)]
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            *layers,
            keras.layers.Flatten(),
            keras.layers.Dense(1),
            keras.layers.Reshape(()),
        ]
    )
    return model, np.random.default_rng(0).uniform(size=(chains, 28, 28, 1)).astype("float32")


def bare_gradient(energy, x0, steps):
    def loop(x, count):
        return repeat(lambda i, x: x - STEP_SIZE * value_and_gradient(energy, x)[1], x, 0, count)

    run, start = compiled(loop), ops.convert_to_tensor(x0)
    return lambda: ops.convert_to_numpy(run(start, steps))


def ours(energy, x0, steps, method):
    sampler = LangevinSampler(energy, STEP_SIZE, method=method)
    return lambda: ops.convert_to_numpy(sampler.sample(x0, steps, seed=0))


def blackjax_sides(energy, x0, steps):
    if not importlib.util.find_spec("blackjax"):
        return {}
    import blackjax
    import jax

    algorithm = blackjax.mala(lambda x: -energy(x[None])[0], STEP_SIZE)

    @jax.jit
    def run(x, key):
        def step(state, key):
            return jax.vmap(algorithm.step)(jax.random.split(key, len(x0)), state)[0], None

        states = jax.vmap(algorithm.init)(x)
        return jax.lax.scan(step, states, jax.random.split(key, steps))[0].position

    key = jax.random.key(0)
    return {"blackjax.mala": lambda: np.asarray(run(x0, key))}


def tfp_sides(energy, x0, steps):
    if not importlib.util.find_spec("tensorflow_probability"):
        return {}
    import tensorflow as tf
    import tensorflow_probability as tfp

    kinds = {
        "mala": tfp.mcmc.MetropolisAdjustedLangevinAlgorithm,
        "ula": tfp.mcmc.UncalibratedLangevin,
    }
    start, sides = tf.constant(x0), {}
    for name, kind in kinds.items():
        # Its step is twice ours.
        kernel = kind(lambda x: -energy(x), step_size=2 * STEP_SIZE)
        for xla in (False, True):

            def run(kernel=kernel):
                return tfp.mcmc.sample_chain(
                    num_results=1,
                    num_burnin_steps=steps - 1,
                    current_state=start,
                    kernel=kernel,
                    trace_fn=None,
                    seed=(0, 1),
                )

            compiled_run = tf.function(run, jit_compile=xla, autograph=False)
            sides[f"tfp {name}{', XLA' if xla else ''}"] = lambda run=compiled_run: run().numpy()
    return sides


def torch_sides(energy, x0, steps):
    """A loop written without a library."""
    import torch

    def gradient(x):
        x = x.detach().requires_grad_()
        values = energy(x)
        return values.detach(), torch.autograd.grad(values.sum(), x)[0]

    def ula():
        generator = torch.Generator(x0_tensor.device).manual_seed(0)
        x = x0_tensor
        for _ in range(steps):
            noise = torch.randn(x.shape, generator=generator, device=x.device)
            x = x - STEP_SIZE * gradient(x)[1] + (2 * STEP_SIZE) ** 0.5 * noise
        return x.cpu().numpy()

    def mala():
        generator = torch.Generator(x0_tensor.device).manual_seed(0)
        x = x0_tensor
        value, slope = gradient(x)
        for _ in range(steps):
            noise = torch.randn(x.shape, generator=generator, device=x.device)
            y = x - STEP_SIZE * slope + (2 * STEP_SIZE) ** 0.5 * noise
            new_value, new_slope = gradient(y)
            forward = ((y - x + STEP_SIZE * slope) ** 2).flatten(1).sum(1)
            back = ((x - y + STEP_SIZE * new_slope) ** 2).flatten(1).sum(1)
            ratio = value - new_value + (forward - back) / (4 * STEP_SIZE)
            taken = torch.rand(len(x), generator=generator, device=x.device).log() < ratio
            wide = taken.reshape(-1, *[1] * (x.ndim - 1))
            x, slope = torch.where(wide, y, x), torch.where(wide, new_slope, slope)
            value = torch.where(taken, new_value, value)
        return x.cpu().numpy()

    x0_tensor = ops.convert_to_tensor(x0)
    return {"torch loop, ula": ula, "torch loop, mala": mala}


PACKAGE = {"jax": "blackjax", "tensorflow": "tensorflow-probability tf_keras"}
PEERS = {"jax": blackjax_sides, "tensorflow": tfp_sides, "torch": torch_sides}

if __name__ == "__main__":
    main()
