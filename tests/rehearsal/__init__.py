"""`make rehearse`: the deployed stage, on a second emulator that runs the very packages."""
