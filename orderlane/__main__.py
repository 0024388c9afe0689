"""Where the `orderlane` command starts. Ctrl-C ends it quietly, also while it still loads."""

import sys


def main() -> None:
    """Run the command line; 130 where it is interrupted, as shells have it."""
    try:
        from orderlane import cli

        cli.main()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
