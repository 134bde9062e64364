# One image for every process of ours: docker run pult web | worker | documents | relay | migrate | doctor
FROM python:3.12-slim-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends make && rm -rf /var/lib/apt/lists/*
WORKDIR /srv/pult
COPY . .
# The user of the image cannot write bytecode, so it is made here.
RUN make ready && rm -rf node_modules
RUN .venv/bin/python -m compileall -q -j 0 .venv/lib . || true

FROM python:3.12-slim-bookworm
RUN apt-get update \
 && apt-get install -y --no-install-recommends libglib2.0-0 libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz0b \
      libharfbuzz-subset0 libfontconfig1 \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --create-home pult && install -d -o pult /srv/files
COPY --from=build /srv/pult /srv/pult
WORKDIR /srv/pult
USER pult
ENV STORAGE__PATH=/srv/files WEB__HOST=0.0.0.0 PYTHONUNBUFFERED=1
ENTRYPOINT [".venv/bin/pult"]
CMD ["web"]
