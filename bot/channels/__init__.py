"""One module a channel: verify, translate, deliver; nothing else."""
