"""Fixtures of unit tests that run a whole request."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from tests.fake_package import lay_tones


@pytest.fixture(scope="module")
def fakes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A package that brings the engines, as pip leaves it; and no denoiser, which takes longer than all the rest."""
    site = tmp_path_factory.mktemp("site")
    lay_tones(site)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(site))
        patch.setattr(sys.modules["localize.media.decode"], "package_version", lambda _name: "")
        yield
    sys.modules.pop("tones", None)
