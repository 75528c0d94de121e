"""What the REST doors cost, beside the mock server that the vendor recommends, in one run. ``python -m bench.rest``."""
