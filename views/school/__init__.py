"""What a school sees: its list on the way in, and its own pupils."""
