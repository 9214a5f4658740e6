"""Translation of segments: sentences, candidates, entities, glossary, registers, paraphrases."""
