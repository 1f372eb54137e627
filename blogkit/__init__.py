"""Layers, optimizers and samplers behind eight executable notebooks.

Import what you need from its area, for example
`from blogkit.optimizers import AccumOptimizer`. This module imports nothing.
"""

__version__ = "0.1.0"
