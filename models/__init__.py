"""Learned chances, nothing else: a table in, a probability a row out."""
