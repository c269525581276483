"""The one error that ends a run with a sentence instead of a trace."""


class BenchError(Exception):
    """What failed, on what, and what to do about it."""
