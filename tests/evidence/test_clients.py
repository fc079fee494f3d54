import pytest

from bot.evidence.clients import family, is_console, is_private, is_service_name, platform, runtime


@pytest.mark.parametrize(
    ("agent", "name", "system"),
    [
        ("aws-cli/1.18.136 Python/3.8.5 Darwin/19.5.0 botocore/1.17.59", "aws-cli on macOS", "macOS"),
        ("aws-cli/2.31.0 md/awscrt#0.27 ua/2.1 os/macos#24.1.0", "aws-cli on macOS", "macOS"),
        ("Boto3/1.40.44 md/Botocore#1.40 os/windows#10", "boto3 on Windows", "Windows"),
        ("aws-sdk-go/1.35.1 (go1.15.6; linux; amd64)", "aws-sdk-go on Linux", "Linux"),
        ("Boto3/1.9 Python/3.7 Linux/4.14.123-111.109.amzn2.x86_64", "boto3 on Linux", "Linux"),
        ("curl/8.9.1", "curl", None),
        ("S3Console/0.4", "s3console", None),
        ("", "no client named", None),
    ],
)
def test_family_and_system(agent: str, name: str, system: str | None) -> None:
    assert (family(agent), platform(agent)) == (name, system)


def test_versions_do_not_make_another_client() -> None:
    assert family("aws-cli/2.31.0 Linux/6.1") == family("aws-cli/1.18 Linux/5.4")


def test_runtimes() -> None:
    assert runtime("Boto3/1.40 exec-env/AWS_Lambda_python3.13 Botocore/1.40") == "AWS_Lambda_python3.13"
    assert runtime("Boto3/1.40 exec-env/AWS_ECS_FARGATE") == "AWS_ECS_FARGATE"
    assert runtime("Boto3/1.40 exec-env/CloudShell") is None


@pytest.mark.parametrize(
    "agent", ["console.ec2.amazonaws.com", "Mozilla/5.0 (X11)", "aws-internal/3 aws-sdk-java"]
)
def test_consoles(agent: str) -> None:
    assert is_console(agent)
    assert not is_console("aws-cli/2.31.0")


@pytest.mark.parametrize("address", ["10.0.0.1", "172.31.255.1", "192.168.1.1", "100.64.3.2", "fd00::1"])
def test_private_addresses(address: str) -> None:
    assert is_private(address)


@pytest.mark.parametrize(
    "address", ["203.0.113.66", "1.2.3.4", "2001:db8::1", "253.252.51.07", "", "AWS Internal"]
)
def test_other_addresses_are_not(address: str) -> None:
    assert not is_private(address)


def test_addresses_that_are_names() -> None:
    assert all(map(is_service_name, ("ec2.amazonaws.com", "AWS Internal", "")))
    assert not is_service_name("1.2.3.4")
