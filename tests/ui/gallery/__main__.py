import sys
from pathlib import Path

import uvicorn

from tests.ui.gallery import create_gallery
from ui.render import DIST

uvicorn.run(create_gallery(Path(sys.argv[1]) if sys.argv[1:] else DIST), port=8099, log_level="warning")
