"""What is shown: neutral cards, the wording on them, and their renderings for each channel."""
