#!/usr/bin/env python3
"""Django's command line for developers; the console script `chuangwen` is the same with the city's own commands."""
import sys

from chuangwen.faces.cli.main import main

if __name__ == "__main__":
    sys.exit(main(sys.argv))
