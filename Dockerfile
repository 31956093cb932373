# One image for every Hutong service and command: docker run hutong:0.1.0 serve intake
FROM python:3.13.1-slim-bookworm AS build
WORKDIR /src
COPY requirements.lock ./
RUN python -m venv /opt/hutong \
 && /opt/hutong/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY hutong ./hutong
COPY schemas ./schemas
COPY services ./services
RUN /opt/hutong/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.13.1-slim-bookworm
RUN useradd --uid 10001 --create-home hutong \
 && install -d -o hutong -g hutong -m 0700 /keys /media
COPY --from=build /opt/hutong /opt/hutong
ENV PATH=/opt/hutong/bin:$PATH PYTHONUNBUFFERED=1
USER hutong
WORKDIR /home/hutong
ENTRYPOINT ["hutong"]
CMD ["--help"]
