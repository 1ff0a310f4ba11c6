"""`python -m ops`."""

from ops.commands import cli

if __name__ == "__main__":
    cli(prog_name="python -m ops")
