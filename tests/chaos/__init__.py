"""What must not be left to hope: protections switched off one by one, and faults of the cloud."""
