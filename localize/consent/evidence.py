"""Paper evidence of consent: a file that can be a signed paper, known by its hash; the file itself is not kept."""

from __future__ import annotations

import stat
from pathlib import Path

from ..errors import MediaError, UsageError
from ..runtime.files import sha256_of

_FIRST_BYTES = (
    *(b"%PDF-", b"PK\x03\x04"),  # PDF; DOCX and ODT
    *(b"\x89PNG\r\n", b"\xff\xd8\xff", b"II*\x00", b"MM\x00*"),  # PNG, JPEG, TIFF
    *(b"RIFF", b"fLaC", b"ID3", b"OggS", b"\x1aE\xdf\xa3"),  # recordings: WAV, FLAC, MP3, Ogg, Matroska
    *(b"From ", b"Received: ", b"Return-Path: ", b"Delivered-To: ", b"MIME-Version: ", b"Message-ID: "),  # e-mail
)
"""How a file that can be evidence begins; MP4 and HEIC say "ftyp" after four bytes."""


def hash_evidence(path: Path) -> str:
    """SHA-256 of the paper in which a person consents.

    Raises:
        MediaError: it cannot be read.
        UsageError: it is no plain file, is empty, or is nothing a paper, a picture of one or a recording comes as.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise UsageError(
                f"--evidence {path} is no file: give the signed paper, a scan or a recording of the consent"
            )
        with path.open("rb") as file:
            start = file.read(16)
        if not start.startswith(_FIRST_BYTES) and start[4:8] != b"ftyp":
            what = "is empty" if not start else "is nothing a signed paper comes as"
            raise UsageError(
                f"--evidence {path} {what}: give a PDF, a picture, an office document, an e-mail or a recording"
            )
        return sha256_of(path)
    except OSError as error:
        raise MediaError(f"{path} cannot be read: {error.strerror}", path=str(path)) from error
