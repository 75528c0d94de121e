"""What recordings cost: the engine while it records, beside a busy disk, too; finishing and converting; streams."""
