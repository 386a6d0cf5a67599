"""Our own machine interface."""
