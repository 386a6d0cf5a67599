"""Plans and tasks."""
