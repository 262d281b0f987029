"""What a planner sees."""
