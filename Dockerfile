# One service's image: docker build --build-arg SERVICE=scheduler|dispatcher|bot .
# Any Debian image of Python from 3.11 on will do.
ARG PYTHON=3.13-slim-trixie

FROM python:${PYTHON} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_NO_INPUT=1
WORKDIR /build
RUN python3 -m venv /opt/build && python3 -m venv /opt/relance
COPY requirements/build.txt requirements/
RUN /opt/build/bin/pip install --require-hashes --only-binary :all: --requirement requirements/build.txt
ARG SERVICE
COPY requirements/${SERVICE}.txt requirements/
RUN /opt/relance/bin/pip install --require-hashes --only-binary :all: --requirement requirements/${SERVICE}.txt
COPY pyproject.toml README.md ./
COPY shared shared
COPY services services
RUN /opt/build/bin/pip wheel --no-deps --no-build-isolation --wheel-dir wheel . \
    && /opt/relance/bin/pip install --no-deps wheel/*.whl \
    && /opt/relance/bin/pip check \
    && /opt/relance/bin/pip uninstall --yes setuptools pip

FROM python:${PYTHON}
COPY --from=build /opt/relance /opt/relance
ENV PATH=/opt/relance/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /srv
# A user without a name, a home or a file of its own.
USER 10001:10001
ENTRYPOINT ["relance"]
