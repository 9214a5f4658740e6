"""A Firefox tiny11 model in PyTorch: many sentences at a time, the likeliest word at each place.

The product's engine (`localize/engines/bergamot.py`) searches with a beam, one sentence at a time. For training data
that costs ten times as much, and the student is taught by what it is told most surely anyway.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from localize.models import Models

from . import layers as theirs
from . import vocab, weights
from .network import DecoderLayer, Network, padded
from .shape import BIAS, SOURCE, TARGET, of
from .vocab import END, UNKNOWN

BATCH = 96
LONGEST = 2.0
"""Target pieces for one of the source, at most."""


def cell_step(x: Tensor, state: Tensor, weights: dict[str, Tensor], name: str) -> Tensor:
    """An SSRU cell's next state, c = f·c + (1 - f)·Wx; its output is what is above zero."""
    forget = torch.sigmoid(x @ weights[f"{name}Wf"] + weights[f"{name}bf"].reshape(-1))
    return forget * state + (1 - forget) * (x @ weights[f"{name}W"])


class Tiny11:
    """Translates sentences.

    Args:
        model: catalogue id.
    """

    def __init__(self, model: str) -> None:
        import sentencepiece

        folder = Models().path(model)
        old = weights.tiny11(folder)
        self._pieces = sentencepiece.SentencePieceProcessor(str(vocab.tiny11(folder)))
        tensors = dict(theirs.ported(old)) | {
            TARGET: old["Wemb"],
            SOURCE: old["Wemb"],
            BIAS: old["decoder_ff_logit_out_b"].reshape(1, -1),
        }
        self._network = Network(of(tensors), 0.0).eval()
        self._network.load_state_dict({name: torch.from_numpy(array.copy()) for name, array in tensors.items()})
        self._cells = {name: torch.from_numpy(array.copy()) for name, array in old.items() if "_rnn_" in name}

    def translate(self, sentences: Sequence[str]) -> list[str]:
        """A translation of each."""
        rows = [[*ids, END] for ids in self._pieces.encode(list(sentences))]
        found = [""] * len(rows)
        order = sorted(range(len(rows)), key=lambda at: len(rows[at]))
        for start in range(0, len(order), BATCH):
            some = order[start : start + BATCH]
            for at, ids in zip(some, self._greedy([rows[at] for at in some])):
                found[at] = self._pieces.decode(ids).strip()
        return found

    @torch.no_grad()
    def _greedy(self, rows: Sequence[Sequence[int]]) -> list[list[int]]:
        network, decoder = self._network, self._network.model.decoder
        source, seen = padded(rows)
        memory = network.read(source, seen)
        layers = [layer for layer in decoder.layers if isinstance(layer, DecoderLayer)]
        x = torch.zeros(len(rows), network.shape.width)
        cells = [torch.zeros_like(x) for _ in layers]
        chosen: list[Tensor] = []
        ended = torch.zeros(len(rows), dtype=torch.bool)
        for at in range(int(LONGEST * source.shape[1]) + 8):
            x = x + decoder.positions[at]
            for depth, layer in enumerate(layers):
                cells[depth] = cell_step(x, cells[depth], self._cells, f"decoder_l{depth + 1}_rnn_")
                x = layer.self_attn_layer_norm(x + torch.relu(cells[depth]))
                x = layer.encoder_attn_layer_norm(x + layer.encoder_attn(x[:, None], memory, seen)[:, 0])
                x = layer.final_layer_norm(x + layer.fc2(F.relu(layer.fc1(x))))
            scores = network.logits(x)
            scores[:, UNKNOWN] = -torch.inf
            chosen.append(torch.where(ended, END, scores.argmax(-1)))
            ended = ended | (chosen[-1] == END)
            if ended.all():
                break
            x = decoder.embed_tokens(chosen[-1]) * network.shape.width**0.5
        return [[i for i in ids if i != END] for ids in torch.stack(chosen, 1).tolist()]
