"""Parse trees: building from distances, comparing, reading and drawing."""
