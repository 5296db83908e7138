"""The domain of following up an order: data, decisions, nothing else."""

import followup.kinds  # noqa: F401 - before anything else: the procedures it lists are built from its own parts
