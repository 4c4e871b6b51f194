"""What is asked, of whom, and when: pure data and pure functions. No I/O beyond reading YAML, no clock, no framework."""
