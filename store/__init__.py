"""What is kept: the tables, the questions asked of them, and the workbook that fills them."""
