import lab as lab_module
import origins
import pytest


@pytest.fixture(scope="session")
def lab():
    built = lab_module.Lab()
    try:
        built.start()
        origins.start_origins(built)
        yield built
    finally:
        built.stop()
