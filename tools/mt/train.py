"""Training that can be killed at any moment and goes on by the same command; on a CPU or one GPU.

The order of the data and everything drawn follow from the recipe's seed and the step, so a resumed run does what an
uninterrupted one does. What is kept for use is a running average of the weights.
"""

from __future__ import annotations

import json
import math
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from . import corpus, variants, weights
from .convert import to_ctranslate2
from .decode import Plain, columns
from .network import Network, padded
from .recipe import Recipe, Training
from .shape import Floats, of
from .vocab import END

AVERAGED = 4
"""Steps between two updates of the running average."""
WINDOW = 20_000
"""Pairs sorted by length at a time."""


@dataclass(frozen=True, slots=True)
class Row:
    """A pair as ids; the first `given` of the target are control tokens."""

    source: list[int]
    target: list[int]
    given: int


@dataclass
class State:
    """Where a run is."""

    step: int = 0
    tokens: int = 0
    epoch: int = 0
    batch: int = 0
    seconds: float = 0.0
    curve: list[dict[str, float]] = field(default_factory=list)


class Encoded:
    """Turns pairs into rows of ids.

    Args:
        recipe: the language pair.
        work: where `source.spm` and `target.spm` are.
    """

    def __init__(self, recipe: Recipe, work: Path) -> None:
        import sentencepiece

        self.reader = sentencepiece.SentencePieceProcessor(str(work / "source.spm"))
        self.writer = sentencepiece.SentencePieceProcessor(str(work / "target.spm"))
        first = self.writer.get_piece_size()
        self.tags = {tag: first + at for at, tag in enumerate(recipe.tags)}

    def rows(self, pairs: Sequence[corpus.Pair], longest: int) -> list[Row]:
        """Ids of each pair short enough."""
        sources = self.reader.encode([pair.source for pair in pairs])
        targets = self.writer.encode([pair.target for pair in pairs])
        return [
            Row([*source, END], [*(self.tags[tag] for tag in pair.tags), *target, END], len(pair.tags))
            for pair, source, target in zip(pairs, sources, targets)
            if 0 < len(source) < longest and 0 < len(target) < longest
        ]


def batches(rows: Sequence[Row], size: int, seed: int) -> list[list[Row]]:
    """Rows of like length together, so that at most `size` ids are in a batch, in an order drawn from `seed`."""
    draw = torch.Generator().manual_seed(seed)
    found: list[list[Row]] = []
    for start in range(0, len(rows), WINDOW):
        near = sorted(rows[start : start + WINDOW], key=lambda row: (len(row.target), len(row.source)))
        current: list[Row] = []
        wide = tall = 0
        for row in near:
            wide, tall = max(wide, len(row.source)), max(tall, len(row.target))
            if current and (wide + tall) * (len(current) + 1) > size:
                found.append(current)
                current, wide, tall = [], len(row.source), len(row.target)
            current.append(row)
        found.append(current)
    return [found[at] for at in torch.randperm(len(found), generator=draw).tolist()]


class Loss:
    """Cross-entropy with smoothed labels over the batch's own targets, the commonest pieces and some drawn ones.

    The drawn ones stand for all that were not: their scores are raised by the logarithm of how many each stands for.

    Args:
        counts: how often each target id was seen.
        size: of the target vocabulary.
        numbers: of the recipe.
    """

    def __init__(self, counts: Counter[int], size: int, numbers: Training, device: torch.device) -> None:
        frequent = [word for word, _ in counts.most_common(numbers.frequent)]
        self._always = torch.zeros(size, dtype=torch.bool, device=device)
        self._always[frequent] = True
        self._numbers = numbers

    def __call__(self, network: Network, states: Tensor, wanted: Tensor) -> tuple[Tensor, Tensor]:
        """The loss of (n, width) states for n wanted ids, and their summed negative log-likelihood."""
        inside = self._always.clone()
        inside[wanted] = True
        fixed, rest = inside.nonzero()[:, 0], (~inside).nonzero()[:, 0]
        drawn = rest[torch.randperm(len(rest), device=rest.device)[: self._numbers.sampled]]
        ids = torch.cat([fixed, drawn])
        place = torch.zeros(len(inside), dtype=torch.long, device=ids.device)
        place[ids] = torch.arange(len(ids), device=ids.device)
        raised = torch.zeros(len(ids), device=ids.device)
        raised[len(fixed) :] = math.log(max(1, len(rest)) / max(1, len(drawn)))
        table = network.model.decoder.embed_tokens.weight[ids]
        scores = F.linear(states, table).float() + network.final_logits_bias[0, ids] + raised
        likely = torch.log_softmax(scores, -1)
        lost = -likely.gather(1, place[wanted][:, None])[:, 0]
        smooth = self._numbers.smoothing
        return ((1 - smooth) * lost - smooth * likely.mean(-1)).mean(), lost.detach().sum()


class Run:
    """One training, new or resumed.

    Args:
        recipe: the language pair.
        work: where prepared pairs, vocabularies and `seed.safetensors` are, and the checkpoint goes.
        folders: where held-out data is.
        threads: of PyTorch.
    """

    def __init__(self, recipe: Recipe, work: Path, *folders: Path, threads: int = 1) -> None:
        torch.set_num_threads(threads)
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.half = self.device.type == "cuda" or torch.cpu._is_avx512_bf16_supported()
        self.recipe, self.work, self.folders, self.numbers = recipe, work, folders, recipe.training
        self.encoded = Encoded(recipe, work)
        self.parts = corpus.prepared(recipe, work)
        self.learned = corpus.read_control(recipe, work)
        kept, facts = weights.load(self.checkpoint if self.checkpoint.is_file() else self.work / "seed.safetensors")
        own = {name.removeprefix("weights."): array for name, array in kept.items() if name.startswith("weights.")}
        self.network = Network(of(own or kept), self.numbers.dropout).to(self.device)
        self.network.load_state_dict(_tensors(own or kept))
        encoder = list(self.network.model.encoder.parameters())
        decoder = [*self.network.model.decoder.parameters(), self.network.final_logits_bias]
        groups: list[dict[str, Any]] = [{"params": decoder, "share": 1.0}]
        if self.numbers.encoder:
            groups.append({"params": encoder, "share": self.numbers.encoder})
        for parameter in encoder:
            parameter.requires_grad_(bool(self.numbers.encoder))
        self.trained = {name: p for name, p in self.network.named_parameters() if p.requires_grad}
        self.adam = torch.optim.Adam(groups, lr=0.0, betas=(0.9, 0.98), eps=1e-9, fused=True)
        self.leaving = False
        """Set from outside: the run leaves after this step, with a checkpoint and no last measurement."""
        self.state = State(**facts.get("state", {}))
        self._remember(_tensors(kept))

    @property
    def checkpoint(self) -> Path:
        """The one file a run leaves."""
        return self.work / "checkpoint.safetensors"

    def _remember(self, kept: dict[str, Tensor]) -> None:
        """The running average and the optimiser's moments as a checkpoint holds them, or new ones."""
        self.average = {
            name: kept.get(f"average.{name}", p.detach()).to(self.device).clone() for name, p in self.trained.items()
        }
        for name, parameter in self.trained.items():
            if f"first.{name}" in kept:
                self.adam.state[parameter] = {
                    "step": torch.tensor(float(self.state.step), device=self.device),
                    "exp_avg": kept[f"first.{name}"].to(self.device),
                    "exp_avg_sq": kept[f"second.{name}"].to(self.device),
                }

    def save(self) -> None:
        """Write the checkpoint, whole or not at all."""
        tensors = {f"weights.{name}": t for name, t in self.network.state_dict().items()}
        tensors |= {f"average.{name}": t for name, t in self.average.items()}
        for name, parameter in self.trained.items():
            kept = self.adam.state[parameter]
            tensors |= {f"first.{name}": kept["exp_avg"], f"second.{name}": kept["exp_avg_sq"]}
        weights.save(
            self.checkpoint, _arrays(tensors), {"state": asdict(self.state), "shape": asdict(self.network.shape)}
        )

    def go(self, *, steps: int | None = None, save_every: float = 200, measure_every: int = 750_000) -> State:
        """Train until the recipe's tokens are spent.

        Args:
            steps: leave after so many, with a checkpoint.
            save_every: seconds between two checkpoints.
            measure_every: target tokens between two measurements on held-out data.
        """
        numbers, state = self.numbers, self.state
        if state.tokens >= numbers.tokens:
            return state
        saved = clock = time.monotonic()
        said = lost = 0.0
        if not state.curve:
            self.measure()
        last = None if steps is None else state.step + steps
        for rows in self._remaining():
            done = state.tokens / numbers.tokens
            if done >= 1 or state.step == last or self.leaving:
                state.batch -= 1
                break
            rate = numbers.rate * min(1, (state.step + 1) / numbers.warm, max(0.02, (1 - done) / numbers.decay))
            before = state.tokens
            lost += self._step(rows, rate)
            said += state.tokens - before
            now = time.monotonic()
            state.seconds, clock = state.seconds + now - clock, now
            if state.step % 100 == 0:
                speed = round(said / max(1e-9, now - saved)) if said else 0
                self._say(
                    step=state.step,
                    tokens=state.tokens,
                    lost=round(lost / said, 3),
                    rate=round(rate, 7),
                    tokens_s=speed,
                )
            if state.tokens // measure_every > before // measure_every:
                self.measure()
                clock = time.monotonic()
            if now - saved > save_every:
                self.save()
                saved, said, lost = time.monotonic(), 0.0, 0.0
                clock = saved
        if not self.leaving:
            self.measure()
        self.save()
        return state

    def _remaining(self) -> Iterator[list[Row]]:
        """Batches after those already done, epoch after epoch."""
        state, numbers = self.state, self.numbers
        self.loss: Loss | None = None
        while True:
            rows = self.encoded.rows(
                variants.epoch(self.recipe, self.parts, self.learned, state.epoch), numbers.longest
            )
            counts = Counter(word for row in rows for word in row.target[row.given :])
            self.loss = Loss(counts, self.network.shape.target, numbers, self.device)
            ordered = batches(rows, numbers.batch, numbers.seed + state.epoch)
            self._say(epoch=state.epoch, pairs=len(rows), batches=len(ordered), tokens=sum(counts.values()))
            while state.batch < len(ordered):
                state.batch += 1
                yield ordered[state.batch - 1]
            state.epoch, state.batch = state.epoch + 1, 0

    def _step(self, rows: Sequence[Row], rate: float) -> float:
        assert self.loss is not None
        state = self.state
        torch.manual_seed(self.numbers.seed * 1_000_003 + state.step)
        self.network.train()
        for group in self.adam.param_groups:
            group["lr"] = rate * group["share"]
        source, seen = (x.to(self.device) for x in padded([row.source for row in rows]))
        target, real = (x.to(self.device) for x in padded([row.target for row in rows]))
        place = torch.arange(target.shape[1], device=self.device)[None]
        counted = real[:, 0, 0] & (place >= torch.tensor([row.given for row in rows], device=self.device)[:, None])
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.half):
            with torch.set_grad_enabled(bool(self.numbers.encoder)):
                memory = self.network.read(source, seen)
            states = self.network.write(target, memory, seen)[counted]
            loss, lost = self.loss(self.network, states, target[counted])
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.trained.values(), 1.0)
        self.adam.step()
        self.adam.zero_grad(set_to_none=True)
        state.step += 1
        state.tokens += int(counted.sum())
        if state.step % AVERAGED == 0:
            # A young average follows more closely.
            keep = min(self.numbers.average**AVERAGED, state.step / (state.step + 10 * AVERAGED))
            with torch.no_grad():
                for name, parameter in self.trained.items():
                    self.average[name].lerp_(parameter, 1 - keep)
        return float(lost)

    def measure(self, sentences: int = 300) -> None:
        """BLEU of the averaged weights in int8, beam 4, on the first sentences of every held-out set."""
        import sacrebleu

        tensors = self.network.state_dict() | self.average
        out = self.work / "measured"
        to_ctranslate2(self.recipe, self.work, out, _arrays(tensors))
        point: dict[str, float] = {"tokens": self.state.tokens, "seconds": round(self.state.seconds)}
        for entry in self.recipe.held:
            try:
                rows = corpus.held(entry, self.recipe, self.work, *self.folders)[:sentences]
            except FileNotFoundError:
                continue
            texts = Plain(out).translate([source for source, _ in rows])
            point[entry.name] = round(sacrebleu.corpus_bleu(texts, columns([r for _, r in rows])).score, 2)
        self.state.curve.append(point)
        self._say(**point)

    def _say(self, **facts: object) -> None:
        line = json.dumps({"at": time.strftime("%H:%M:%S"), **facts}, ensure_ascii=False)
        with (self.work / "train.jsonl").open("a", encoding="utf-8") as log:
            log.write(line + "\n")
        print(line, file=sys.stderr, flush=True)


def _tensors(arrays: dict[str, Floats]) -> dict[str, Tensor]:
    return {name: torch.from_numpy(array) for name, array in arrays.items()}


def _arrays(tensors: dict[str, Tensor]) -> dict[str, Floats]:
    return {name: tensor.detach().cpu().numpy() for name, tensor in tensors.items()}
