"""What runs: use cases, access, time, delivery, channels and the command line."""
