"""The desk in the browser: what the owner and the agents look at and act in, served beside the webhooks."""
