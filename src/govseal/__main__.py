"""`python -m govseal` is the command `govseal`."""

from govseal.project.cli import main

if __name__ == "__main__":
    main()
