"""Messages between us and other systems: their words, their formats, taking them in, sending ours, replaying both."""
