"""What goes out? Files that others can read and check."""
