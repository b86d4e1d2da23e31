"""The whole system in one process, with a sample company and the sandbox as its outside world."""
