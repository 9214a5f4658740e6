"""Segments into another language: sentences, entities, glossary, registers, variants."""
