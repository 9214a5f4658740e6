"""Isochrony: phrasing, placement, timing plan, synthesis and timeline of a dub that keeps to its source's timing."""
