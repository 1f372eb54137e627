"""Triple extraction: the DGCNN network, its batches, its loss and its training."""
