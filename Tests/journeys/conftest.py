import pytest
from support import Provider, Roundhouse


@pytest.fixture
def provider():
    provider = Provider()
    yield provider
    provider.close()


@pytest.fixture
def house(tmp_path, provider):
    (tmp_path / "data").mkdir()
    house = Roundhouse(tmp_path / "data", provider)
    yield house
    house.stop()
    log = tmp_path / "server.log"
    if log.exists():
        print(log.read_text()[-4000:])
