# One image for every role; the command picks it: orderlane api | relay | handle order | worker | beat | migrate | topology | up
FROM python:3.13-slim AS build
WORKDIR /src
RUN python -m venv /opt/orderlane
ENV PATH=/opt/orderlane/bin:$PATH PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
COPY pyproject.toml constraints.txt ./
# The pinned dependencies first: this layer is rebuilt only when they change.
RUN pip install --constraint constraints.txt setuptools \
 && python -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['dependencies'], sep='\n')" > needed.txt \
 && pip install --constraint constraints.txt --requirement needed.txt
COPY . .
RUN pip install --no-deps --no-build-isolation . && pip uninstall --yes setuptools pip

FROM python:3.13-slim
RUN useradd --uid 10001 --no-create-home --home-dir /app --shell /usr/sbin/nologin orderlane \
 && mkdir -p /app/var && chown orderlane /app/var \
 && pip uninstall --yes --root-user-action=ignore pip
COPY --from=build /opt/orderlane /opt/orderlane
COPY config /app/config
COPY tools/connected.py /app/connected.py
WORKDIR /app
USER 10001
ENV PATH=/opt/orderlane/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 ORDERLANE_HOST=0.0.0.0
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["python", "-c", "import urllib.request as web; web.urlopen('http://127.0.0.1:8080/readyz', timeout=4)"]
ENTRYPOINT ["orderlane"]
CMD ["up", "--port", "8080"]
