"""`python -m syncline` is the same program as `syncline`."""

from syncline.cli.main import main

if __name__ == "__main__":
    main()
