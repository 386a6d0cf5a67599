"""Units, persons, posts and duties: who answers for what, from when to when, and the rules read from it."""
