"""VectorQuantizer's moving averages in NumPy and float64, after sonnet's VectorQuantizerEMA."""

import numpy as np


class Averages:
    """Hidden sums with a zero start, divided by 1 - decay^t when they are read."""

    def __init__(self, codebook, decay, epsilon):
        self.codebook = np.asarray(codebook, "float64")
        self.decay, self.epsilon, self.step = decay, epsilon, 0
        self.hidden_counts = np.zeros(len(codebook))
        self.hidden_sums = np.zeros(self.codebook.shape)

    def codes(self, x):
        return np.stack([np.square(x - code).sum(1) for code in self.codebook], 1).argmin(1)

    def update(self, x):
        one_hot = np.eye(len(self.codebook))[self.codes(x)]
        self.step += 1
        self.hidden_counts += (1 - self.decay) * (one_hot.sum(0) - self.hidden_counts)
        self.hidden_sums += (1 - self.decay) * (one_hot.T @ x - self.hidden_sums)
        self.counts, self.sums = (
            h / (1 - self.decay**self.step) for h in (self.hidden_counts, self.hidden_sums)
        )
        total = self.counts.sum()
        smoothed = (self.counts + self.epsilon) / (total + len(self.counts) * self.epsilon) * total
        used = self.counts > 0  # sonnet moves the others to 0
        self.codebook[used] = self.sums[used] / smoothed[used, None]
