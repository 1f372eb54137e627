"""VQ-VAE and the prior over its code maps."""
