"""How each experiment lays out its NWB files: one adapter a family, and a plain one for the rest."""
