"""What does the product know by itself? Its own small tables: occupations, postcodes, certificates.

A table is facts in a CSV file beside the module that answers from it. Where a fact comes from is
said in that module.
"""
