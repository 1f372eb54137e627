"""ON-LSTM: the step, the cell, the layer, and weights of the official code."""
