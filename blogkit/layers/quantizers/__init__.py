"""Vector quantizers: codebooks that are looked up, learned and restarted."""
