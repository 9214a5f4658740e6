"""Speech fitted to time: phrasing, placement, planning, synthesis, timeline."""
