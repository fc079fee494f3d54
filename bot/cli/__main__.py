"""`python -m bot.cli` is `s3incident`."""

from bot.cli.main import main

if __name__ == "__main__":
    main()
