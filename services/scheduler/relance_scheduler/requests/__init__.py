"""What people ask for besides decisions: granted or declined, each once, always answered."""
