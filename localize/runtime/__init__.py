"""What everything runs on: files, records, the store, the device."""
