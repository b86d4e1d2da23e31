"""What is due, for whom, when, and who may act: values and pure functions, standard library only."""
