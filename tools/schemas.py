"""Write docs/schemas/: a JSON Schema of every JSON that users read, from the types of the code that writes it.

python tools/schemas.py
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, Literal, TypedDict

from localize.batches.dry_run import BatchPlanJson
from localize.batches.outcomes import BatchReportJson
from localize.cli.script import ScriptJson
from localize.cli.terminal import FailureJson
from localize.cli.voices import VoicesJson
from localize.data import Edits
from localize.delivery.explain import Explanation
from localize.delivery.packaging import Presentation
from localize.delivery.report import Report
from localize.delivery.request_json import RequestJson
from localize.delivery.results import DubJson, DubPlanJson, SubtitleJson
from localize.delivery.sync import SyncReport
from localize.delivery.verification import Unsigned
from localize.doctor.checks import Checkup
from localize.doctor.film import FilmCheckup
from localize.engine_selection import EnginePair
from localize.engines.phonemes import Pronounced
from localize.isochrony.timeline import TimelineJson
from localize.models.installed import ModelCheck, ModelJson
from localize.provenance.checks import Checked
from localize.review.figures import ReviewReport
from localize.review.log import Review
from localize.review.offline import SheetDiff
from localize.review.season import SeasonReport
from localize.review_room.audition import Audition
from localize.runtime.json_schema import json_schema
from localize.runtime.pruning import Pruned, StoreUse
from localize.subtitles.render import SubtitlesJson
from localize.subtitles.score import LintJson
from localize.timedtext.convert import ConvertJson
from localize.transcription.master import MasterJson
from localize.translation.export import ExportJson

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "schemas"


class VerifyJson(TypedDict):
    """What `localize verify --json` prints."""

    schema: Literal[1]
    files: list[Annotated[dict[str, Any], Checked]]
    unsigned: list[Annotated[dict[str, Any], Unsigned]]


class ModelsJson(TypedDict):
    """What `localize models list --json` prints; `used` says who would work for each pair of languages."""

    schema: Literal[1]
    models: list[ModelJson]
    used: list[Annotated[dict[str, Any], EnginePair]]


class ModelChecksJson(TypedDict):
    """What `localize models verify --json` prints."""

    schema: Literal[1]
    models: list[Annotated[dict[str, Any], ModelCheck]]


def schemas() -> dict[str, dict[str, Any]]:
    """File name without its suffix -> schema."""
    wrapped = {
        "report": (Report, "NAME.LANG.report.json"),
        "pronounce": (Pronounced, "localize pronounce --json"),
        "explain": (Explanation, "localize explain --json"),
        "package": (Presentation, "localize package --json"),
        "doctor": (Checkup, "localize doctor --json"),
        "store": (StoreUse, "localize store show --json"),
        "store-prune": (Pruned, "localize store prune --json"),
        "film": (FilmCheckup, "localize doctor FILE --json"),
        "sync": (SyncReport, "localize sync --json"),
        "review-report": (ReviewReport, "review.report.json"),
        "season": (SeasonReport, "localize review DIR --summary --json, of many titles"),
        "audition": (Audition, "localize voices audition --json"),
        "script-import": (SheetDiff, "localize script --import --json"),
    }
    plain = {
        "dub": (DubJson, "localize dub --json"),
        "dry-run": (DubPlanJson, "localize dub --dry-run --json"),
        "subs": (SubtitleJson, "localize subs --json"),
        "timeline": (TimelineJson, "NAME.LANG.timeline.json"),
        "master": (MasterJson, "NAME.master.json"),
        "job": (RequestJson, "NAME.job.json"),
        "subtitles": (SubtitlesJson, "NAME.subtitles.json"),
        "lint": (LintJson, "localize lint --json"),
        "convert": (ConvertJson, "localize convert --json"),
        "export": (ExportJson, "localize export --json"),
        "failure": (FailureJson, "any command with --json that fails before it has a result"),
        "batch": (BatchReportJson, "batch.report.json and localize batch --json"),
        "batch-plan": (BatchPlanJson, "localize batch --dry-run --json, or dub --dry-run --json of several films"),
        "verify": (VerifyJson, "localize verify --json"),
        "models": (ModelsJson, "localize models list --json"),
        "models-verify": (ModelChecksJson, "localize models verify --json"),
        "voices": (VoicesJson, "localize voices list --json"),
        "script": (ScriptJson, "localize script --format --json"),
    }
    found = {name: json_schema(kind, title=title) for name, (kind, title) in plain.items()}
    found |= {name: json_schema(kind, title=title, wrapped=True) for name, (kind, title) in wrapped.items()}
    found["review"] = json_schema(Review, title="review.json", wrapped=True, given=True)
    found["edits"] = json_schema(Edits, title="--edits", wrapped=True, given=True)
    return found


def text(schema: dict[str, Any]) -> str:
    """A schema as its file holds it."""
    return json.dumps(schema, ensure_ascii=False, indent=1) + "\n"


def main() -> None:
    """Write every schema anew; one that is no more is removed."""
    FOLDER.mkdir(exist_ok=True)
    known = schemas()
    for path in FOLDER.glob("*.json"):
        if path.name.removesuffix(".schema.json") not in known:
            path.unlink()
    for name, schema in known.items():
        (FOLDER / f"{name}.schema.json").write_text(text(schema), encoding="utf-8")


if __name__ == "__main__":
    main()
