"""What keeps this repository: pages written anew, training, measuring. None of it is installed."""
