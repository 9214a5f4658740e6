"""Findings of a check in the forms that editors and code review show beside the line: SARIF, GitHub, GitLab.

- SARIF 2.1.0 (OASIS standard, sections 3.13 to 3.31): code scanning and editors.
- GitHub workflow commands (`::error file=…,line=…::message`), a line each.
- GitLab Code Quality, the subset of the Code Climate issues that GitLab reads.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from ..runtime.version import __version__
from .check import CheckedFile

SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


@dataclass(frozen=True, slots=True)
class Annotation:
    """One remark on a line of a file.

    Args:
        path: as the user named the file.
        line: from 1.
        rule: that is broken, or the code of what was mended or not understood while reading.
        message: for a person.
        severe: whether the file fails for it.
    """

    path: str
    line: int
    rule: str
    message: str
    severe: bool


def annotate(checked: CheckedFile, path: str) -> tuple[Annotation, ...]:
    """All remarks on a checked file: of the reader first, then the findings; severe where the file does not conform.

    Args:
        checked: the result of `check_file`.
        path: the file as the user named it.
    """
    read = [Annotation(path, max(1, d.line), d.code, d.message, severe=False) for d in checked.document.warnings]
    severe = not checked.conforms
    found = [
        Annotation(
            path, max(1, f.line), f.rule, f"cue {f.cue}: {f.detail or f'{f.measured:g}, limit {f.limit:g}'}", severe
        )
        for f in checked.report.findings
    ]
    empty = [Annotation(path, 1, "integrity", "it holds no cue", severe=True)] if checked.report.empty else []
    return (*read, *empty, *found)


def format_github(annotations: tuple[Annotation, ...]) -> str:
    """Workflow commands of GitHub Actions, a line each."""
    return "\n".join(
        f"::{'error' if a.severe else 'warning'} file={_property(a.path)},line={a.line},title={_property(a.rule)}::"
        f"{_data(a.message)}"
        for a in annotations
    )


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def format_gitlab(annotations: tuple[Annotation, ...]) -> str:
    """A Code Quality report of GitLab: a JSON list with one issue a remark; equal remarks have equal fingerprints."""
    return json.dumps(
        [
            {
                "description": a.message,
                "check_name": a.rule,
                "fingerprint": fingerprint,
                "severity": "major" if a.severe else "minor",
                "location": {"path": a.path, "lines": {"begin": a.line}},
            }
            for a, fingerprint in zip(annotations, _fingerprints(annotations))
        ],
        ensure_ascii=False,
        indent=1,
    )


def _fingerprints(annotations: tuple[Annotation, ...]) -> Iterator[str]:
    """One a remark, by its text and how often it stood before, not by its line: lines move."""
    seen: dict[tuple[str, str, str], int] = {}
    for a in annotations:
        key = (a.path, a.rule, a.message)
        seen[key] = seen.get(key, 0) + 1
        yield hashlib.sha256(json.dumps([*key, seen[key]]).encode("utf-8", "backslashreplace")).hexdigest()


def format_sarif(annotations: tuple[Annotation, ...]) -> str:
    """A SARIF 2.1.0 log with one run."""
    rules = [{"id": rule} for rule in dict.fromkeys(a.rule for a in annotations)]
    results = [
        {
            "ruleId": a.rule,
            "level": "error" if a.severe else "warning",
            "message": {"text": a.message},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": quote(a.path.encode("utf-8", "surrogateescape"))},
                        "region": {"startLine": a.line},
                    }
                }
            ],
        }
        for a in annotations
    ]
    driver = {"name": "localize", "version": __version__, "rules": rules}
    log = {"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": results}]}
    return json.dumps(log, ensure_ascii=False, indent=1)


FORMATS: Mapping[str, Callable[[tuple[Annotation, ...]], str]] = {
    "github": format_github,
    "gitlab": format_gitlab,
    "sarif": format_sarif,
}
