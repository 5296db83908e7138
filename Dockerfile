# Huifang as an image: docs/deploy.md. What is installed stands in deploy/docker/requirements.lock, each file by its hash.
FROM python:3.11-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/huifang
COPY deploy/docker/requirements.lock deploy/docker/build.lock /tmp/
RUN /opt/huifang/bin/pip install --require-hashes --requirement /tmp/requirements.lock \
    && python -m pip install --require-hashes --requirement /tmp/build.lock
WORKDIR /source
COPY pyproject.toml README.md LICENSE config.example.toml ./
COPY bot bot
COPY handlers handlers
COPY scheduler scheduler
COPY scripts_library scripts_library
COPY followup followup
COPY store store
RUN python -m pip wheel --no-deps --no-build-isolation --wheel-dir /tmp/wheel . \
    && /opt/huifang/bin/pip install --no-deps /tmp/wheel/huifang-*.whl

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /var/lib/huifang --shell /usr/sbin/nologin huifang
COPY --from=build /opt/huifang /opt/huifang
# A new volume begins with these two, which the console's Settings change from then on.
COPY --chown=huifang:huifang deploy/docker/config.toml deploy/docker/scale.toml /var/lib/huifang/
RUN chown huifang:huifang /var/lib/huifang && chmod 700 /var/lib/huifang
ENV PATH=/opt/huifang/bin:$PATH PYTHONUNBUFFERED=1
USER 10001
WORKDIR /var/lib/huifang
VOLUME /var/lib/huifang
EXPOSE 8080 9464
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:9464/healthz', timeout=4)"]
ENTRYPOINT ["huifang"]
CMD ["run"]
