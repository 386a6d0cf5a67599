"""Areas, roads and sites on the ground."""
