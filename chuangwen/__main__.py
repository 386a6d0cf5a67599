"""`python -m chuangwen` is the console script."""

import sys

from chuangwen.faces.cli.main import main

sys.exit(main(["chuangwen", *sys.argv[1:]]))
