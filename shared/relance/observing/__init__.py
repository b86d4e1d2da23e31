"""What a process shows of itself: metrics, readiness, traces. Identifiers and numbers only."""
