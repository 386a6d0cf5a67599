"""Makes the sample rows of the shipped city packs from a seed; see make_samples.py."""
