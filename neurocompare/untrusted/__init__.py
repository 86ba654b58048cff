"""What comes from others, files and texts, read as data: confined to itself, bounded, and fit to be shown."""
