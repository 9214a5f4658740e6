"""From sound or given files to timed words: recognition, alignment, corrections, master.json."""
