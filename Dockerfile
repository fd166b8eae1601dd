# The image of the web server, the worker and beat. Its build steps are the scripts that `make` runs, so every
# `make demo` exercises them. No secret goes in: docker-compose.yml takes them from the environment.
FROM python:3.12-slim AS build
ENV MAINSTAY_VENV=/opt/venv MAINSTAY_HOME=/srv/mainstay
WORKDIR /app
# The locks first: the packages are installed anew only when a lock has changed.
COPY requirements.lock ./
COPY config/stack/bootstrap.py config/stack/speech.py config/stack/
RUN python3 config/stack/bootstrap.py
COPY . .
RUN python3 config/stack/bootstrap.py assets

FROM python:3.12-slim
ENV MAINSTAY_VENV=/opt/venv MAINSTAY_HOME=/srv/mainstay PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
ENV HOST=0.0.0.0 PORT=8000
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin mainstay \
    && install -d -o mainstay -g mainstay /srv/mainstay /srv/mainstay/media /srv/mainstay/run
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
COPY --from=build --chown=mainstay:mainstay /srv/mainstay/static /srv/mainstay/static
WORKDIR /app
USER mainstay
EXPOSE 8000
CMD ["/opt/venv/bin/python", "-m", "config.stack", "serve", "web"]
