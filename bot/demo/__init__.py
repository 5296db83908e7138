"""A generated shop, played with an accelerated clock: see `huifang demo`."""
