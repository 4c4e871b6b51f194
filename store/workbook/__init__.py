"""The municipality's workbook: sheets as data, read with every fault at once, compared, stored whole or not at all, written back."""
