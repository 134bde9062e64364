import uvicorn

from tests.ui.gallery import create_gallery

uvicorn.run(create_gallery(), port=8099, log_level="warning")
