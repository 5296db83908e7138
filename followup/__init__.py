"""The domain of following up an order: data, decisions, nothing else."""
