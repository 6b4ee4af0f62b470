"""``python -m tests.scramble SOURCE TARGET --seed N``"""

import argparse
from pathlib import Path

from tests.scramble.project import scramble

parser = argparse.ArgumentParser(prog="python -m tests.scramble", description="scramble a project")
parser.add_argument("source", type=Path)
parser.add_argument("target", type=Path, help="a folder that does not exist yet")
parser.add_argument("--seed", type=int, default=1)
options = parser.parse_args()
scramble(options.source, options.target, options.seed)
