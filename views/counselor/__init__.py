"""What a counselor sees: their cases, one person, and the lists for firms."""
