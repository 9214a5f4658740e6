"""For authors of engines: fake engines of every role, and the contract every engine must pass."""

from .contract import Check, Subject, contract, named
from .fakes import (
    FRAME_MS,
    GAP_MS,
    HEARD_MS,
    LETTER_MS,
    PAUSE_MS,
    RATE,
    SILENT_DB,
    FakeDiarizer,
    FakeRecogniser,
    FakeSynthesizer,
    FakeTranslator,
    FakeWatermarker,
    LooseSynthesizer,
)

__all__ = [
    "FRAME_MS",
    "GAP_MS",
    "HEARD_MS",
    "LETTER_MS",
    "PAUSE_MS",
    "RATE",
    "SILENT_DB",
    "Check",
    "FakeDiarizer",
    "FakeRecogniser",
    "FakeSynthesizer",
    "FakeTranslator",
    "FakeWatermarker",
    "LooseSynthesizer",
    "Subject",
    "contract",
    "named",
]
