"""What people see in Slack, drawn by pure functions from values."""
