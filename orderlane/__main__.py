"""`python -m orderlane`."""

from orderlane.cli import main

if __name__ == "__main__":
    main()
