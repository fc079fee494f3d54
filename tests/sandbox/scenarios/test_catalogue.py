import pytest

from bot.sandbox.scenarios.catalogue import names, scenario


def test_every_scenario_is_found_by_its_name() -> None:
    assert names()[0] == "leaked-key"
    assert set(names()) >= {"public-bucket", "stolen-role", "ransom", "foreign-replication", "insider"}
    for name in names():
        assert scenario(name).name == name
        assert scenario(name).title


def test_an_unknown_name_is_told_what_there_is() -> None:
    with pytest.raises(KeyError, match=r"There is no scenario 'leaky'\. There are: leaked-key, "):
        scenario("leaky")
