"""Delivery: output files and signatures, disclosure, quality control, report, HLS packaging."""
