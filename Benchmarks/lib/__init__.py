"""What Benchmarks/run is made of: data, processes, the measures, and their report."""
