"""Runtime: device, files, parsing of outside files, records as JSON, the store of results."""
