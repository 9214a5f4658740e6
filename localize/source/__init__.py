"""The source of a run: what a film is found to be before the work, its sound and words, given cues that are kept."""
