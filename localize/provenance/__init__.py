"""C2PA manifests: sign deliverables with their origin, and verify them.

MP4, MOV, M4A, WAV, MP3 and FLAC carry their manifest; any other file gets it beside it, in `<file>.c2pa`. A
manifest names no person: a grant is given by the hash of its id, an enrolled voice not at all.
"""

from .checks import Check, Checked, verify
from .keys import Signer, fingerprint, key_file
from .manifest import EngineFact, Facts, VoiceFact, sign
from .trust import TrustedSigners, root_in, roots, signers_named

__all__ = [
    "Check",
    "Checked",
    "EngineFact",
    "Facts",
    "Signer",
    "TrustedSigners",
    "VoiceFact",
    "fingerprint",
    "key_file",
    "root_in",
    "roots",
    "sign",
    "signers_named",
    "verify",
]
