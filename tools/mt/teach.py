"""Self-attention taught to do what a tiny11 decoder's SSRU cells did, on the model's own translations."""

from __future__ import annotations

import math
import random
from pathlib import Path

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from localize.models import Models

from . import corpus, vocab
from .network import DecoderLayer, Network, padded
from .recipe import Recipe
from .shape import BIAS, TARGET, Floats, of
from .tiny11 import Tiny11, cell_step

SENTENCES = 2000
BATCH = 64
LONGEST = 40
RATE = 1.5e-3
PRINTED = 50


def taught(
    recipe: Recipe, tensors: dict[str, Floats], old: dict[str, Floats], work: Path, steps: int
) -> dict[str, Floats]:
    """The tensors with the decoder's self-attention fitted, layer by layer, each on what the true cells give it.

    Args:
        recipe: the language pair.
        tensors: the network's, see `layers.ported`.
        old: the tiny11 model's.
        work: where the prepared pairs and `source.spm` are.
        steps: of Adam.
    """
    known = tensors | {TARGET: old["Wemb"], BIAS: old["decoder_ff_logit_out_b"].reshape(1, -1)}
    network = Network(of(known), 0.0).eval()
    network.load_state_dict({name: torch.from_numpy(array.copy()) for name, array in known.items()})
    for name, parameter in network.named_parameters():
        parameter.requires_grad_(".decoder.layers." in name and ".self_attn." in name)
    theirs = {name: torch.from_numpy(array.copy()) for name, array in old.items() if "_rnn_" in name}
    learned = {name: p for name, p in network.named_parameters() if p.requires_grad}
    adam = torch.optim.Adam(learned.values(), betas=(0.9, 0.98))
    rows = _translated(recipe, work)
    draw = random.Random(1)
    for step in range(steps):
        rate = RATE * min(1, (step + 1) / 50) * (0.5 * (1 + math.cos(math.pi * step / steps)) + 0.02)
        adam.param_groups[0]["lr"] = rate
        start = draw.randrange(max(1, len(rows) - BATCH))
        loss = _lesson(network, theirs, rows[start : start + BATCH])
        adam.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(learned.values(), 1.0)
        adam.step()
        if step % PRINTED == 0 or step == steps - 1:
            print(f"self-attention: step {step}, share of the cells' output missed {loss.item():.3f}", flush=True)
    return tensors | {name: p.detach().numpy() for name, p in learned.items()}


def _translated(recipe: Recipe, work: Path) -> list[tuple[list[int], list[int]]]:
    """(source ids, ids of the seed's own translation), by length."""
    import sentencepiece

    sources = [pair.source for part in corpus.prepared(recipe, work) for pair in part]
    some = random.Random(2).sample(sources, min(SENTENCES, len(sources)))
    answers = Tiny11(recipe.seed).translate(some)
    reader = sentencepiece.SentencePieceProcessor(str(work / "source.spm"))
    writer = sentencepiece.SentencePieceProcessor(str(vocab.tiny11(Models().path(recipe.seed))))
    rows = [([*reader.encode(a), 0], [*writer.encode(b), 0]) for a, b in zip(some, answers)]
    return sorted((row for row in rows if max(map(len, row)) < LONGEST), key=lambda row: len(row[1]))


def _lesson(network: Network, theirs: dict[str, Tensor], rows: list[tuple[list[int], list[int]]]) -> Tensor:
    """How much of the cells' output the layers' self-attention misses, as a share of it, summed over layers."""
    source, seen = padded([a for a, _ in rows])
    target, mask = padded([b for _, b in rows])
    real = mask[:, 0, 0]
    decoder = network.model.decoder
    missed = torch.zeros(())
    with torch.no_grad():
        memory = network.read(source, seen)
        x = F.pad(decoder.embed_tokens(target[:, :-1]) * network.shape.width**0.5, (0, 0, 1, 0))
        x = x + decoder.positions[: target.shape[1]]
    for at, layer in enumerate(decoder.layers):
        assert isinstance(layer, DecoderLayer)
        with torch.no_grad():
            wanted = _cell(x, theirs, f"decoder_l{at + 1}_rnn_")
        given = layer.self_attn(x, x, causal=True)
        missed = missed + ((given - wanted)[real] ** 2).sum() / (wanted[real] ** 2).sum()
        with torch.no_grad():
            x = layer.self_attn_layer_norm(x + wanted)
            x = layer.encoder_attn_layer_norm(x + layer.encoder_attn(x, memory, seen))
            x = layer.final_layer_norm(x + layer.fc2(F.relu(layer.fc1(x))))
    return missed


def _cell(x: Tensor, theirs: dict[str, Tensor], name: str) -> Tensor:
    """What an SSRU cell gives for each place."""
    state = torch.zeros_like(x[:, 0])
    states = []
    for at in range(x.shape[1]):
        state = cell_step(x[:, at], state, theirs, name)
        states.append(state)
    return torch.relu(torch.stack(states, 1))
