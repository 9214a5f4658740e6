"""The output folder: deliverables, disclosure, report, packaging."""
