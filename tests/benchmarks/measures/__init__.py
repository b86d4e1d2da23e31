"""One module for each thing that is measured: `comparisons(place)` yields Comparisons."""
