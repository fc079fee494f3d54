"""The built wheel works alone: playbooks, templates, migrations and the sandbox's page are inside it."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    [built] = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel and, from here, the dependencies, but not this checkout."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, with_pip=False)
    packages = next((folder / "lib").glob("python*")) / "site-packages"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(packages)
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    return folder


def s3incident(installed: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    run = "import sys; from bot.cli.main import main; sys.argv[0] = 's3incident'; main()"
    return subprocess.run(
        [str(installed / "bin" / "python"), "-c", run, *arguments],
        cwd=folder,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "S3INCIDENT_LOOKUPS_PER_SECOND": "100",
        },
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )


def test_the_wheel_holds_its_data(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for wanted in (
        "bot/_data/playbooks/unauthorized-s3-access.yml",
        "bot/_data/playbooks/templates/report.html.j2",
        "bot/_data/migrations/env.py",
        "bot/sandbox/page/index.html",
        "bot/sandbox/scenarios/roles.yml",
        "bot/py.typed",
    ):
        assert wanted in names
    assert not [name for name in names if name.startswith(("tests/", "var/"))]


def test_the_headless_demo_runs_outside_the_checkout(installed: Path, tmp_path: Path) -> None:
    where = s3incident(installed, tmp_path, "playbook", "check", "missing.yml")
    assert "missing.yml" in where.stderr
    # The story in which most has to be done: two people, protection, a restore of many objects.
    played = s3incident(installed, tmp_path, "demo", "--headless", "--scenario", "ransom")
    assert played.returncode == 0, played.stdout[-3000:] + played.stderr[-3000:]
    assert "ransom: contained and recovered." in played.stdout
    assert "(24 objects" in played.stdout
    assert str(ROOT) not in played.stdout + played.stderr
