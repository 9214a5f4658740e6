"""What is known of languages, without engines: tags, numbers, boundaries, normalisation, formality."""
