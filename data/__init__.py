"""What comes in and where it is kept."""
