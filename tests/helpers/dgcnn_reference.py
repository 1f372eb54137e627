"""DGCNN in NumPy and float64, one unpadded sentence at a time, from the article's formulas."""

import numpy as np
from keras import ops


def weights(layer):
    return [ops.convert_to_numpy(w).astype("float64") for w in layer.weights]


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def softmax(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def convolution(x, kernel, bias, dilation=1):
    """ "same", with zeros around: y_i = sum_t x_{i + (t - middle) dilation} kernel_t."""
    y = np.tile(bias, (len(x), 1))
    for i in range(len(x)):
        for tap in range(len(kernel)):
            j = i + (tap - len(kernel) // 2) * dilation
            if 0 <= j < len(x):
                y[i] += x[j] @ kernel[tap]
    return y


def block(x, kernel, bias, dilation):
    found = convolution(x, kernel, bias, dilation)
    gate, new = sigmoid(found[:, : x.shape[1]]), found[:, x.shape[1] :]
    return gate * x + (1 - gate) * new


def attention(x, query, key, value, num_heads):
    heads = []
    for q, k, v in zip(*(np.split(matrix, num_heads, axis=1) for matrix in (query, key, value))):
        heads.append(softmax((x @ q) @ (x @ k).T / np.sqrt(q.shape[1])) @ (x @ v))
    return np.concatenate(heads, axis=1)


def gru(steps, kernel, recurrent, bias):
    """Last state of a GRU with the gates z, r and candidate in Keras' order (`reset_after`)."""
    h = np.zeros(len(recurrent))
    for x in steps:
        zx, rx, hx = np.split(x @ kernel + bias[0], 3)
        zh, rh, hh = np.split(h @ recurrent + bias[1], 3)
        z, r = sigmoid(zx + zh), sigmoid(rx + rh)
        h = z * h + (1 - z) * np.tanh(hx + r * hh)
    return h


def dense(x, layer, activation):
    kernel, bias = weights(layer)
    return activation(x @ kernel + bias)


def relu(x):
    return np.maximum(x, 0)


def dgcnn(network, tokens, start, end):
    """`(x, subjects, objects)` of one sentence."""
    (embedding,), (positions,) = weights(network.embedding), weights(network.positions)
    x = embedding[tokens] + positions[: len(tokens)]
    for layer in network.blocks:
        x = block(x, *weights(layer), layer.dilation_rate)
    entity = np.ones((len(tokens), 2))
    predicate = np.ones(network.num_predicates)
    if network.priors:
        entity = np.concatenate(
            [
                dense(dense(x, network.start_hidden, relu), network.start_prior, sigmoid),
                dense(dense(x, network.end_hidden, relu), network.end_prior, sigmoid),
            ],
            axis=1,
        )
        predicate = dense(
            dense(x.max(axis=0), network.predicate_hidden, relu), network.predicate_prior, sigmoid
        )
    attended = attention(x, *weights(network.subject_attention), network.num_heads)
    h = relu(convolution(np.concatenate([x, attended], axis=1), *weights(network.subject_convolution)))
    subjects = dense(h, network.subject_output, sigmoid) * entity

    parts = [x, attention(x, *weights(network.object_attention), network.num_heads)]
    if network.conditioned:
        places = [int(np.floor(start * a + end * (1 - a) + 0.5)) for a in np.arange(6) / 5]
        both = weights(network.gru)
        state = np.concatenate([gru(x[places], *both[:3]), gru(x[places[::-1]], *both[3:])])
        distances = np.abs(np.arange(len(tokens))[:, None] - [start, end])
        parts.append(state + np.concatenate([positions[distances[:, 0]], positions[distances[:, 1]]], axis=1))
    h = relu(convolution(np.concatenate(parts, axis=1), *weights(network.object_convolution)))
    found = dense(h, network.object_gate, sigmoid) * dense(h, network.object_output, sigmoid)
    return x, subjects, found.reshape(len(tokens), 2, -1) * predicate * entity[:, :, None]
