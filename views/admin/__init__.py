"""What does an administrator see? The house: who works in it, what came in, what it remembers."""
