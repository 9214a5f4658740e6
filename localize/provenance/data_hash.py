"""Sign a file by a hash that is computed here, block by block.

The library reads a WAV, and every file that it cannot parse, into memory, which for two hours of stereo are four
gigabytes, and takes three times as long. The binding is the one it makes (C2PA Technical Specification, "Data hash",
the assertion `c2pa.hash.data`), and so is the manifest: its C interface (c2pa.h) signs for a hash that is given, which
its Python wrapper does not offer.
"""

from __future__ import annotations

import ctypes
import functools
import hashlib
import json
import os
from pathlib import Path
from typing import Any

MANIFEST = b"application/c2pa"
CHUNK = b"C2PA"
"""Of a RIFF file, for the manifest (C2PA Technical Specification, "Embedding manifests into RIFF-based assets")."""
LARGEST = 0xFFFF_FFFF
BLOCK = 1 << 20


def sign_beside(builder: Any, key: Any, path: Path) -> bytes:
    """The signed manifest of a file, which holds for every byte of it.

    Args:
        builder: of the manifest, as the library has it.
        key: the library's signer.
        path: of the file.

    Raises:
        C2paError: it cannot be signed.
        OSError: the file cannot be read.
    """
    _reserve(builder, key)
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return _sign(builder, key, digest.digest())


def sign_wav(builder: Any, key: Any, path: Path, target: Path) -> bytes:
    """Write a WAV to `target` with a signed manifest as its last chunk; the manifest.

    Args:
        builder: of the manifest, as the library has it.
        key: the library's signer.
        path: of a file that `takes_chunk`.
        target: written over.

    Raises:
        C2paError: it cannot be signed.
        OSError: a file cannot be read or written.
    """
    from c2pa import C2paError

    length = _reserve(builder, key)
    size, pad = path.stat().st_size, bytes(length % 2)
    digest = hashlib.sha256()
    with path.open("rb") as file, target.open("wb") as out:
        head = file.read(8)
        block = head[:4] + (size + length + len(pad)).to_bytes(
            4, "little"
        )  # less the first 8 bytes, and 8 of the chunk
        while block:
            digest.update(block)
            out.write(block)
            block = file.read(BLOCK)
        digest.update(pad)
        made = _sign(builder, key, digest.digest(), {"start": size, "length": 8 + length})
        if len(made) != length:
            raise C2paError(f"a manifest of {length} bytes came to {len(made)} when it was signed")
        out.write(CHUNK + length.to_bytes(4, "little") + made + pad)
    return made


def takes_chunk(path: Path) -> bool:
    """Whether a file is a WAV that a manifest can be added to: a whole one of less than 4 GiB that carries none."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(12)
        if head[:4] != b"RIFF" or head[8:] != b"WAVE" or int.from_bytes(head[4:8], "little") != size - 8:
            return False
        while len(chunk := file.read(8)) == 8:
            length = int.from_bytes(chunk[4:], "little")
            if chunk[:4] == CHUNK:
                return False
            file.seek(length + length % 2, os.SEEK_CUR)
        return chunk == b"" and file.tell() == size and size % 2 == 0 and size + BLOCK <= LARGEST


def _reserve(builder: Any, key: Any) -> int:
    """Make room in a manifest for a hash and a signature; how many bytes it will have when it is signed."""
    return len(_called("c2pa_builder_data_hashed_placeholder", builder._handle, key.reserve_size(), MANIFEST))


def _sign(builder: Any, key: Any, digest: bytes, *left_out: dict[str, int]) -> bytes:
    """The manifest, signed for a SHA-256 of all bytes but those left out."""
    said = {"exclusions": left_out, "name": "jumbf manifest", "alg": "sha256", "hash": list(digest), "pad": []}
    bound = json.dumps(said).encode()
    with key._native_call():
        return _called("c2pa_builder_sign_data_hashed_embeddable", builder._handle, key._handle, bound, MANIFEST, None)


def _called(name: str, *given: Any) -> bytes:
    """What a function of the C interface makes.

    Raises:
        C2paError: as the wrapper's own calls do.
    """
    from c2pa import c2pa

    made = _Bytes()
    count = _function(name)(*given, ctypes.byref(made))
    c2pa._check_ffi_operation_result(count, f"{name} failed", check=lambda found: found < 0)
    try:
        return ctypes.string_at(made, count)
    finally:
        c2pa._lib.c2pa_free(made)


_Bytes = ctypes.POINTER(ctypes.c_ubyte)
_TAKES: dict[str, tuple[Any, ...]] = {
    "c2pa_builder_data_hashed_placeholder": (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p),
    "c2pa_builder_sign_data_hashed_embeddable": (
        ctypes.c_void_p, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_void_p,
    ),
}  # fmt: skip


@functools.cache
def _function(name: str) -> Any:
    from c2pa import c2pa

    function = getattr(c2pa._lib, name)
    function.argtypes = [*_TAKES[name], ctypes.POINTER(_Bytes)]
    function.restype = ctypes.c_int64
    return function
