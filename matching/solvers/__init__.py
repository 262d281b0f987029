"""How? Each file holds one solver: a function from an `Assignment` to chosen rows."""
