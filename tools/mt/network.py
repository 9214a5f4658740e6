"""The network as PyTorch sees it: a post-norm transformer with the parameter names of transformers' MarianMT.

Written out here, so that training needs PyTorch alone and the parts that cost time (attention, the output layer) are
ours to shape. Two embeddings tables, the output layer tied to the target's. The decoder's first input is a zero
vector, as Marian starts. Source and target ids are those of the two vocabularies; there is no padding id: rows are
padded with 0 and masked.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from .shape import Shape, sinusoids


class Attention(nn.Module):
    """Multi-head attention."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.q_proj, self.k_proj, self.v_proj, self.out_proj = (nn.Linear(width, width) for _ in range(4))

    def forward(self, x: Tensor, memory: Tensor, mask: Tensor | None = None, *, causal: bool = False) -> Tensor:
        """Attend from `x` to `memory`; `mask` is true where it may look."""
        joined = F.scaled_dot_product_attention(
            self._split(self.q_proj(x)),
            self._split(self.k_proj(memory)),
            self._split(self.v_proj(memory)),
            attn_mask=mask,
            is_causal=causal,
        )
        out: Tensor = self.out_proj(joined.transpose(1, 2).flatten(2))
        return out

    def _split(self, x: Tensor) -> Tensor:
        return x.view(x.shape[0], x.shape[1], self.heads, -1).transpose(1, 2)


class EncoderLayer(nn.Module):
    """Self-attention and feed-forward, each with its residual, then the norm."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.self_attn = Attention(shape.width, shape.heads)
        self.self_attn_layer_norm = nn.LayerNorm(shape.width)
        self.fc1 = nn.Linear(shape.width, shape.inner)
        self.fc2 = nn.Linear(shape.inner, shape.width)
        self.final_layer_norm = nn.LayerNorm(shape.width)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """One layer over (batch, length, width)."""
        x = self.self_attn_layer_norm(x + self.self_attn(x, x, mask))
        out: Tensor = self.final_layer_norm(x + self.fc2(F.relu(self.fc1(x))))
        return out


class DecoderLayer(nn.Module):
    """Causal self-attention, attention to the source, feed-forward."""

    def __init__(self, shape: Shape, dropout: float) -> None:
        super().__init__()
        self.self_attn = Attention(shape.width, shape.heads)
        self.self_attn_layer_norm = nn.LayerNorm(shape.width)
        self.encoder_attn = Attention(shape.width, shape.heads)
        self.encoder_attn_layer_norm = nn.LayerNorm(shape.width)
        self.fc1 = nn.Linear(shape.width, shape.inner)
        self.fc2 = nn.Linear(shape.inner, shape.width)
        self.final_layer_norm = nn.LayerNorm(shape.width)
        self.drop = nn.Dropout(dropout)

    def forward(self, x: Tensor, memory: Tensor, mask: Tensor) -> Tensor:
        """One layer over (batch, length, width)."""
        x = self.self_attn_layer_norm(x + self.drop(self.self_attn(x, x, causal=True)))
        x = self.encoder_attn_layer_norm(x + self.drop(self.encoder_attn(x, memory, mask)))
        out: Tensor = self.final_layer_norm(x + self.drop(self.fc2(F.relu(self.fc1(x)))))
        return out


class Encoder(nn.Module):
    """Reads the source. It has no dropout: weights that were distilled without it lose 5 BLEU when it is added."""

    positions: Tensor

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.embed_tokens = nn.Embedding(shape.source, shape.width)
        self.layers = nn.ModuleList(EncoderLayer(shape) for _ in range(shape.encoder))
        self.register_buffer("positions", torch.from_numpy(sinusoids(shape.width)), persistent=False)

    def forward(self, source: Tensor, mask: Tensor) -> Tensor:
        """States of (batch, length) ids; `mask` is true on words."""
        x: Tensor = self.embed_tokens(source) * self.embed_tokens.embedding_dim**0.5 + self.positions[: source.shape[1]]
        for layer in self.layers:
            x = layer(x, mask)
        return x


class Decoder(nn.Module):
    """Writes the target."""

    positions: Tensor

    def __init__(self, shape: Shape, dropout: float) -> None:
        super().__init__()
        self.embed_tokens = nn.Embedding(shape.target, shape.width)
        self.layers = nn.ModuleList(DecoderLayer(shape, dropout) for _ in range(shape.decoder))
        self.register_buffer("positions", torch.from_numpy(sinusoids(shape.width)), persistent=False)
        self.drop = nn.Dropout(dropout)

    def forward(self, target: Tensor, memory: Tensor, mask: Tensor) -> Tensor:
        """The states that foretell each of (batch, length) ids, from those before it."""
        x: Tensor = self.embed_tokens(target[:, :-1]) * self.embed_tokens.embedding_dim**0.5
        x = F.pad(x, (0, 0, 1, 0)) + self.positions[: target.shape[1]]
        x = self.drop(x)
        for layer in self.layers:
            x = layer(x, memory, mask)
        return x


class Model(nn.Module):
    """`encoder` and `decoder`, as in a MarianMT file."""

    def __init__(self, shape: Shape, dropout: float) -> None:
        super().__init__()
        self.encoder = Encoder(shape)
        self.decoder = Decoder(shape, dropout)


class Network(nn.Module):
    """The whole: parameters `model.encoder…`, `model.decoder…` and `final_logits_bias`."""

    def __init__(self, shape: Shape, dropout: float = 0.1) -> None:
        super().__init__()
        self.shape = shape
        self.model = Model(shape, dropout)
        self.final_logits_bias = nn.Parameter(torch.zeros(1, shape.target))

    def read(self, source: Tensor, mask: Tensor) -> Tensor:
        """What the decoder looks at."""
        out: Tensor = self.model.encoder(source, mask)
        return out

    def write(self, target: Tensor, memory: Tensor, mask: Tensor) -> Tensor:
        """The state before each target id."""
        out: Tensor = self.model.decoder(target, memory, mask)
        return out

    def logits(self, states: Tensor) -> Tensor:
        """Scores of the whole target vocabulary."""
        return F.linear(states, self.model.decoder.embed_tokens.weight, self.final_logits_bias[0])


def padded(rows: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    """Rows of ids as one (batch, length) tensor, and the attention mask (batch, 1, 1, length) of what is real."""
    longest = max(map(len, rows))
    ids = torch.tensor([[*row, *[0] * (longest - len(row))] for row in rows])
    mask = torch.arange(longest)[None] < torch.tensor([len(row) for row in rows])[:, None]
    return ids, mask[:, None, None]
