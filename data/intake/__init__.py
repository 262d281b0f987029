"""What comes in, and is it right? Bytes become checked tables, and those the engine's own types.

The intake is strict: whatever is wrong with a file is told as facts, everything at once, and
nothing of it is kept.
"""
