"""`make release`: what it builds, and that its proof can fail."""

import json

import pytest

from tools import release

COMPILED, SOURCES = release.modules()


@pytest.fixture
def dist(tmp_path):
    release.build(tmp_path / "dist", "1.2.3", COMPILED, SOURCES)
    return tmp_path / "dist"


def test_what_is_built_installs(dist):
    release.check(dist, "1.2.3", COMPILED, SOURCES)


def test_the_same_is_built_again(dist, tmp_path):
    release.build(tmp_path / "again", "1.2.3", *release.modules())
    built = [path.relative_to(dist) for path in sorted(dist.rglob("*")) if path.is_file()]
    assert len(built) > 2 * len(COMPILED)
    for path in built:
        assert (tmp_path / "again" / path).read_bytes() == (dist / path).read_bytes()


def test_package_lists_every_module_once(dist):
    package = json.loads((dist / "sixlink-1.2.3" / "package.json").read_text())
    assert [path for path, _ in package["urls"]] == [f"sixlink/{name}" for name in COMPILED]
    assert package["version"] == "1.2.3"
    assert [name.removesuffix(".mpy") for name in COMPILED] == [
        name.removesuffix(".py") for name in SOURCES
    ]


def test_a_module_that_was_left_out_is_found(dist):
    path = dist / "sixlink-1.2.3" / "package.json"
    package = json.loads(path.read_text())
    package["urls"] = [pair for pair in package["urls"] if "watch" not in pair[0]]
    path.write_text(json.dumps(package))
    with pytest.raises(release.ReleaseError, match="not what was built"):
        release.check(dist, "1.2.3", COMPILED, SOURCES)


def test_a_file_that_is_missing_is_found(dist):
    (dist / "sixlink-1.2.3" / "sixlink" / "engine.mpy").unlink()
    with pytest.raises(release.ReleaseError, match="mip install .* failed"):
        release.check(dist, "1.2.3", COMPILED, SOURCES)


def test_a_file_that_was_damaged_is_found(dist):
    path = dist / "sixlink-1.2.3" / "sixlink" / "modem.mpy"
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(release.ReleaseError):
        release.check(dist, "1.2.3", COMPILED, SOURCES)
