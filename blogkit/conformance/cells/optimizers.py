"""Cells for every optimizer of Keras: twelve updates of equal micro-batches."""

from keras import optimizers as ko

from blogkit.conformance.cell import Cell
from blogkit.conformance.recipes import adam, fit


def _by_layer(**options):
    biases = {".*bias": ko.Adam(0.02, **options)}
    return ko.MultiOptimizer(ko.OptimizerMap(ko.SGD(0.1, **options), biases))


OPTIMIZERS = {
    "SGD": lambda **options: ko.SGD(0.1, **options),
    "SGD, momentum": lambda **options: ko.SGD(0.1, momentum=0.9, **options),
    "SGD, nesterov": lambda **options: ko.SGD(0.1, momentum=0.9, nesterov=True, **options),
    "Adam": adam,
    "Adam, amsgrad": lambda **options: adam(amsgrad=True, **options),
    "AdamW": lambda **options: ko.AdamW(0.02, weight_decay=0.1, **options),
    "Adamax": lambda **options: ko.Adamax(0.02, **options),
    "Nadam": lambda **options: ko.Nadam(0.02, **options),
    "RMSprop": lambda **options: ko.RMSprop(0.02, **options),
    "RMSprop, centered": lambda **options: ko.RMSprop(0.02, momentum=0.9, centered=True, **options),
    "Adagrad": lambda **options: ko.Adagrad(0.1, **options),
    "Adadelta": lambda **options: ko.Adadelta(1.0, **options),
    "Adafactor": lambda **options: ko.Adafactor(0.05, **options),
    "Ftrl": lambda **options: ko.Ftrl(0.1, l1_regularization_strength=1e-3, **options),
    "Lion": lambda **options: ko.Lion(0.02, **options),
    "Lamb": lambda **options: ko.Lamb(0.02, **options),
    "Muon": lambda **options: ko.Muon(0.02, **options),
    "ScheduleFreeAdamW": lambda **options: ko.ScheduleFreeAdamW(0.02, warmup_steps=3, **options),
    "MultiOptimizer": _by_layer,
}
MEANINGS = {
    "MultiOptimizer": "SGD for the kernels, Adam for the biases.",
    "ScheduleFreeAdamW": "ScheduleFreeAdamW, whose warm-up and averaging count updates.",
}
CELLS = [
    Cell(
        name,
        MEANINGS.get(name, f"{name}, four micro-batches of 8 against one batch of 32."),
        fit(make, compile={"build": False}),  # `fit` builds it, as most users let it do
    )
    for name, make in OPTIMIZERS.items()
]
