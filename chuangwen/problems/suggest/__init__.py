"""Text to suggested kind with an honest confidence, learnt from closed cases; a person decides."""
