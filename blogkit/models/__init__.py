"""Models that a notebook and a test assemble from the layers and samplers.

Keras tier: on blogkit.ops and blogkit.sampling.
"""

from blogkit.models.energy_model import EnergyModel

__all__ = ["EnergyModel"]
