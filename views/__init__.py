"""What people see: a file a page, a folder a role."""
