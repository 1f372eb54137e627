"""ON-LSTM in NumPy and float64, forward and backward, from the formulas of the papers.

Shen et al., arXiv:1810.09536, equations 3 to 11, for one sequence at a time; the backward
pass is the chain rule equation by equation, with the Jacobian of softmax written out.
"""

import numpy as np


def softmax(z):
    e = np.exp(z - z.max())
    return e / e.sum()


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def run(x, kernel, recurrent_kernel, bias, h, c, levels, gate, mask=None):
    """All `(h, distances, c, tape)` of one sequence `(time, features)`; tape is for `gradients`."""
    units, tape, hs, distances = len(h), [], [], []
    chunk = units // levels
    for t in range(len(x)):
        if mask is not None and not mask[t]:
            tape.append(None)
            hs.append(h)
            distances.append(0.0)
            continue
        z = x[t] @ kernel + h @ recurrent_kernel + bias
        p, q = softmax(z[:levels]), softmax(z[levels : 2 * levels])
        master_forget = np.array([p[: k + 1].sum() for k in range(levels)])
        first = 0 if gate == "reverse" else 1
        master_input = np.array([q[k + first :].sum() for k in range(levels)])
        f, i, o, g = z[2 * levels :].reshape(4, units)
        f, i, o, g = sigmoid(f), sigmoid(i), sigmoid(o), np.tanh(g)
        F, I = (np.array([m[u // chunk] for u in range(units)]) for m in (master_forget, master_input))
        omega = F * I
        f_hat, i_hat = f * omega + (F - omega), i * omega + (I - omega)
        new_c = f_hat * c + i_hat * g
        tape.append((h, c, new_c, p, q, F, I, f, i, o, g))
        h, c = o * np.tanh(new_c), new_c
        hs.append(h)
        distances.append(1 - master_forget.mean())
    return np.array(hs), np.array(distances), c, tape


def gradients(x, kernel, recurrent_kernel, bias, tape, d_hs, d_distances, d_c, levels, gate):
    """Of x, kernel, recurrent_kernel, bias, h, c, given those of all h, distances and the last c."""
    units = d_hs.shape[1]
    chunk = units // levels
    d_x, d_kernel, d_recurrent, d_bias = map(np.zeros_like, (x, kernel, recurrent_kernel, bias))
    d_h = np.zeros(units)
    # s[k, j] = 1 where the level k of a gate adds up p[j].
    up = np.tril(np.ones((levels, levels)))
    down = np.triu(np.ones((levels, levels)), 0 if gate == "reverse" else 1)
    for t in reversed(range(len(x))):
        d_h = d_h + d_hs[t]
        if tape[t] is None:
            continue
        h, c, new_c, p, q, F, I, f, i, o, g = tape[t]
        omega = F * I
        tanh_c = np.tanh(new_c)
        d_o = d_h * tanh_c
        d_new_c = d_c + d_h * o * (1 - tanh_c**2)
        d_f_hat, d_i_hat = d_new_c * c, d_new_c * g
        d_g = d_new_c * (i * omega + I - omega)
        d_omega = d_f_hat * (f - 1) + d_i_hat * (i - 1)
        d_F, d_I = d_f_hat + d_omega * I, d_i_hat + d_omega * F
        d_level_F = d_F.reshape(levels, chunk).sum(1) - d_distances[t] / levels
        d_level_I = d_I.reshape(levels, chunk).sum(1)
        d_z = np.concatenate(
            [
                (np.diag(p) - np.outer(p, p)) @ up.T @ d_level_F,
                (np.diag(q) - np.outer(q, q)) @ down.T @ d_level_I,
                d_f_hat * omega * f * (1 - f),
                d_i_hat * omega * i * (1 - i),
                d_o * o * (1 - o),
                d_g * (1 - g**2),
            ]
        )
        d_x[t] = kernel @ d_z
        d_kernel += np.outer(x[t], d_z)
        d_recurrent += np.outer(h, d_z)
        d_bias += d_z
        d_h = recurrent_kernel @ d_z
        d_c = d_new_c * (f * omega + F - omega)
    return d_x, d_kernel, d_recurrent, d_bias, d_h, d_c
