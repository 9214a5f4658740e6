"""Firefox's translation weights (Bergamot "tiny11", Marian int8), run with numpy: n-best with scores.

The network: a transformer encoder of 6 layers, and a decoder of 2 layers whose self-attention is an SSRU
cell (c = f·c' + (1-f)·Wx, output relu(c)); post-norm, width 256, one matrix for source, target and output
embeddings. Weights are int8 with one scale a matrix and are widened to float32 once. A lexical shortlist
that comes with the model limits the output to words that can answer the source, as its makers run it.

Over 400 lines: one network, its file format and the phrases it must not be asked, read together.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from ..data import Candidate
from ..errors import EngineFailed, ModelMissing, UsageError
from ..models import catalogue
from . import package_versions
from .phrasebook import Phrasebook
from .word_alignment import align_words, words_of_pieces

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..models import Models

    Floats = NDArray[np.float32]
    Ints = NDArray[np.int64]


MODELS = {("en", "pt"): "bergamot-en-pt", ("pt", "en"): "bergamot-pt-en"}
BEAM = 4
END, UNKNOWN = 0, 1
HEADS = 8
ENCODER_LAYERS, DECODER_LAYERS = 6, 2
FLOAT32, INT8 = 0x0404, 0x0101
SHORTLIST_MAGIC = 0xF11A48D5013417F5

# What these weights, made from web pages, answer with page furniture ("Obrigado por enviar uma edição.").
# Source, then ways to say it, parted by "|".
PHRASES = {
    "bergamot-en-pt": """
thank you|Obrigado|Muito obrigado
thank you very much|Muito obrigado|Obrigado
thank you so much|Muito obrigado|Obrigado
thanks|Obrigado|Valeu
thanks a lot|Muito obrigado|Obrigado
no, thank you|Não, obrigado
no thanks|Não, obrigado
yes, please|Sim, por favor
you're welcome|De nada
bye|Tchau
goodbye|Adeus|Tchau
see you|Até mais|Até logo
see you later|Até mais|Até logo
see you tomorrow|Até amanhã
hello|Olá|Oi
i'm sorry|Sinto muito|Desculpe
excuse me|Com licença
great|Ótimo
go|Vá|Vai
wait|Espere|Espera
stop|Pare|Para
run|Corra|Corre
help|Socorro
help me|Me ajude|Me ajuda
listen|Escute|Ouça
fire|Fogo
quiet|Silêncio|Quieto
shut up|Cale a boca
what|O quê
how|Como
really|Sério
seriously|Sério
of course|Claro|É claro
of course not|Claro que não
i see|Entendo|Sei
well|Bem|Bom
oh my god|Meu Deus
damn|Droga|Maldição
damn it|Droga|Maldição
dad|Pai|Papai
mom|Mãe|Mamãe
cheers|Saúde
congratulations|Parabéns
welcome|Bem-vindo
one|Um
okay|Tudo bem|Está bem
all right|Tudo bem|Está bem
good job|Bom trabalho
come here|Venha aqui|Vem cá
""",
    "bergamot-pt-en": """
obrigado|Thank you|Thanks
obrigada|Thank you|Thanks
muito obrigado|Thank you very much|Thank you
muito obrigada|Thank you very much|Thank you
de nada|You're welcome
tchau|Bye|Goodbye
até logo|See you later|See you
até mais|See you later|See you
olá|Hello|Hi
desculpe|I'm sorry|Sorry
desculpa|I'm sorry|Sorry
sinto muito|I'm so sorry|I'm sorry
com licença|Excuse me
o quê|What
o que|What
quê|What
socorro|Help
tudo bem|All right|It's okay
sério|Really
droga|Damn
vai|Go
saúde|Cheers
""",
}


class Bergamot:
    """Translates English to Portuguese and back.

    Args:
        model: "bergamot-en-pt" or "bergamot-pt-en" to offer that one alone; None offers both.
        models: where the weights lie.

    Raises:
        UsageError: another model is asked for.
        ModelMissing: the weights are not there.
    """

    name: ClassVar[str] = "bergamot"
    requires: ClassVar[tuple[str, ...]] = ("numpy", "sentencepiece")
    extra: ClassVar[str] = "offline"

    def __init__(self, model: str | None, models: Models) -> None:
        if model is not None and model not in MODELS.values():
            known = ", ".join(MODELS.values())
            raise UsageError(f"bergamot has no model {model!r}: there are {known}", model=model)
        self._offered = {pair: name for pair, name in MODELS.items() if model in (None, name)}
        for name in self._offered.values():
            models.require(catalogue()[name])
        self._models = models
        self._loaded: dict[str, _Network] = {}

    @property
    def pairs(self) -> frozenset[tuple[str, str]]:
        """The pairs of the models it was given."""
        return frozenset(self._offered)

    @cached_property
    def opposite(self) -> Bergamot | None:
        """What translates back, which scores translations; None where its weights are not there."""
        back = {MODELS[target, source] for source, target in self._offered} - set(self._offered.values())
        try:
            return Bergamot(back.pop(), self._models) if back else self
        except ModelMissing:
            return None

    @property
    def fingerprint(self) -> str:
        """Packages, weights and search options."""
        weights = ", ".join(f"{name} {self._models.fingerprint(name)}" for name in self._offered.values())
        packages = package_versions("numpy", "sentencepiece")
        return f"{self.name} v3, {weights}, {packages}, float32, beam {BEAM}+"

    def translate(
        self, sentences: Sequence[str], source: str, target: str, *, n_best: int = 4
    ) -> tuple[tuple[Candidate, ...], ...]:
        """The best hypotheses of each sentence, decoded alone, with their log-probability a token.

        Args:
            sentences: one sentence each.
            source: language of the sentences.
            target: language wanted.
            n_best: at most so many hypotheses; above 4 the beam is as wide.

        Raises:
            UsageError: the pair is not offered.
            EngineFailed: the files are not what they should be.
        """
        network = self._network(source, target)
        return tuple(network.translate(sentence, n_best) for sentence in sentences)

    def word_scores(
        self, sentences: Sequence[str], texts: Sequence[str], source: str, target: str
    ) -> tuple[tuple[float, ...], ...]:
        """The log-probability of every word of texts, were they the translations of sentences; () where the pieces of a
        text do not show its words.

        Args:
            sentences: one sentence each; "" for what a text is without any.
            texts: what they are held to mean.
            source: language of the sentences.
            target: language of the texts.

        Raises:
            UsageError: the pair is not offered.
            EngineFailed: the files are not what they should be.
        """
        network = self._network(source, target)
        return tuple(network.word_scores(sentence, text) for sentence, text in zip(sentences, texts))

    def _network(self, source: str, target: str) -> _Network:
        if (source, target) not in self._offered:
            raise UsageError(f"bergamot does not translate {source}->{target}", engine=self.name)
        name = self._offered[source, target]
        if name not in self._loaded:
            try:
                self._loaded[name] = _Network(self._models.path(name), Phrasebook(PHRASES[name], target))
            except (OSError, ValueError, KeyError, struct.error) as error:
                raise EngineFailed(f"bergamot cannot load {name}: {error}", engine=self.name) from error
        return self._loaded[name]


@dataclass(frozen=True, slots=True)
class _Beam:
    """Living hypotheses: their tokens, log-probabilities, the two SSRU cells, and where each token looked."""

    tokens: tuple[tuple[int, ...], ...]
    scores: Floats
    cells: tuple[Floats, ...]
    looked: tuple[tuple[Floats, ...], ...]


class _Hypothesis(NamedTuple):
    """Tokens, log-probability a token, and how much each token looked at each of the source's."""

    tokens: tuple[int, ...]
    score: float
    looked: tuple[Floats, ...]


class _Network:
    """One direction's weights and the arithmetic on them."""

    def __init__(self, folder: Path, phrases: Phrasebook) -> None:
        import sentencepiece

        self._phrases = phrases
        self._pieces: Any = sentencepiece.SentencePieceProcessor(str(_only(folder, "vocab.*.spm")))
        self._weights = _read_weights(_only(folder, "model.*.bin").read_bytes())
        self._shortlist = _Shortlist(_only(folder, "lex.*.bin").read_bytes())
        self._width = self._weights["Wemb"].shape[1]

    def translate(self, sentence: str, n_best: int) -> tuple[Candidate, ...]:
        """Beam search over one sentence, unless it is a line known by heart."""
        if known := self._phrases.answer(sentence):
            return tuple(self._linked(sentence, answer) for answer in known[:n_best])
        read = self._pieces.encode(sentence)
        best: dict[str, _Hypothesis] = {}
        for found in self._search(read, max(BEAM, n_best)):
            best.setdefault(self._pieces.decode(list(found.tokens)).strip(), found)
        theirs = words_of_pieces(self._pieces.id_to_piece(read), sentence)
        return tuple(
            Candidate(text, round(found.score, 4), links=self._links(theirs, text, found))
            for text, found in list(best.items())[:n_best]
        )

    def _linked(self, sentence: str, answer: Candidate) -> Candidate:
        """A known answer with the words it says: where the network looks while it is made to write it."""
        import numpy as np

        read, written = self._pieces.encode(sentence), self._pieces.encode(answer.text)
        output = np.zeros((self._width, 1), np.float32), np.zeros(1, np.float32)
        _, looked = self._forced(read, written, output)
        theirs = words_of_pieces(self._pieces.id_to_piece(read), sentence)
        found = _Hypothesis(tuple(written), answer.score, tuple(looked))
        return replace(answer, links=self._links(theirs, answer.text, found))

    def word_scores(self, sentence: str, text: str) -> tuple[float, ...]:
        """The log-probability of every word of a text among those that can answer a sentence."""
        import numpy as np

        read, written = self._pieces.encode(sentence), self._pieces.encode(text)
        owners = words_of_pieces(self._pieces.id_to_piece(written), text)
        if not owners:
            return ()
        words = np.union1d(self._shortlist.words(read), np.array(written, np.int64))
        output = np.ascontiguousarray(self._weights["Wemb"][words].T), self._weights["decoder_ff_logit_out_b"][words]
        scores = [0.0] * (owners[-1] + 1)
        likely, _ = self._forced(read, written, output)
        for at, (owner, column) in enumerate(zip(owners, np.searchsorted(words, written))):
            scores[owner] += float(likely[at, column])
        return tuple(round(score, 3) for score in scores)

    def _forced(self, read: list[int], written: list[int], output: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
        """What all at once the network thinks at each token that it is made to write: the log-probabilities, and where
        it looks.
        """
        import numpy as np

        x = _positions(len(written), self._width)
        x[1:] += self._embed(np.array(written[:-1], np.int64))
        weights = np.zeros((1, len(written), len(read) + 1), np.float32)
        for layer, memory in enumerate(self._memory(np.array([*read, END])), start=1):
            forget, new = self._gates(x, layer)
            kept, cell = np.empty_like(new), np.zeros(self._width, np.float32)
            for at in range(len(new)):
                cell = kept[at] = forget[at] * cell + new[at]
            x, weights = self._above_cell(x, kept, memory, layer)
        return self._log_probabilities(x, output), weights[0]

    def _links(self, theirs: Sequence[int], text: str, found: _Hypothesis) -> tuple[tuple[int, int], ...]:
        ours = words_of_pieces(self._pieces.id_to_piece(list(found.tokens)), text)
        return align_words(theirs, ours, [[float(weight) for weight in row] for row in found.looked])

    def _search(self, source: list[int], width: int) -> list[_Hypothesis]:
        import numpy as np

        words = self._shortlist.words(source)
        bias = self._weights["decoder_ff_logit_out_b"][words]
        output = np.ascontiguousarray(self._weights["Wemb"][words].T), bias
        memory = self._memory(np.array([*source, END]))
        empty = np.zeros((1, self._width), np.float32)
        beam = _Beam(((),), np.zeros(1, np.float32), (empty,) * DECODER_LAYERS, ((),))
        done: list[_Hypothesis] = []
        longest = int(2.5 * len(source)) + 8
        for position in range(longest):
            likely, cells, looked = self._step(beam, position, memory, output)
            totals = (likely + beam.scores[:, None]).ravel()
            taken = np.argpartition(-totals, min(2 * width, totals.size) - 1)[: 2 * width]
            tokens: list[tuple[int, ...]] = []
            scores: list[float] = []
            parents: list[int] = []
            for place in taken[np.argsort(-totals[taken], kind="stable")]:
                parent, column = divmod(int(place), len(words))
                if words[column] == END:
                    score = float(totals[place]) / (position + 1)
                    done.append(_Hypothesis(beam.tokens[parent], score, beam.looked[parent]))
                elif len(tokens) < width:
                    tokens.append((*beam.tokens[parent], int(words[column])))
                    scores.append(float(totals[place]))
                    parents.append(parent)
            # A live hypothesis can only lose: stop when none can still enter the n-best.
            if len(done) >= width and sorted(found.score for found in done)[-width] >= scores[0] / longest:
                break
            if len(done) >= 2 * width:
                break
            seen = tuple((*beam.looked[parent], looked[parent]) for parent in parents)
            beam = _Beam(tuple(tokens), np.array(scores, np.float32), tuple(cell[parents] for cell in cells), seen)
        if not done:
            rows = zip(beam.tokens, beam.scores, beam.looked)
            done = [_Hypothesis(tokens, float(score) / longest, looked) for tokens, score, looked in rows]
        return sorted(done, key=lambda found: -found.score)

    def _memory(self, tokens: Ints) -> list[tuple[Floats, Floats]]:
        # What each decoder layer attends to: keys (heads, size, source) and values (heads, source, size).
        x = self._embed(tokens) + _positions(len(tokens), self._width)
        for layer in range(1, ENCODER_LAYERS + 1):
            name = f"encoder_l{layer}"
            keys, values = self._keys_and_values(x, f"{name}_self")
            x = self._normalize_layer(self._attend(x, keys, values, f"{name}_self")[0] + x, f"{name}_self_Wo_ln")
            x = self._feed_forward(x, name)
        layers = range(1, DECODER_LAYERS + 1)
        return [self._keys_and_values(x, f"decoder_l{layer}_context") for layer in layers]

    def _step(
        self, beam: _Beam, position: int, memory: list[tuple[Floats, Floats]], output: tuple[Floats, Floats]
    ) -> tuple[Floats, list[Floats], Floats]:
        # Log-probabilities of the shortlist after each living hypothesis, the new cells, and how much the new token
        # looked at each of the source: these students learned their alignment in the last layer's first head.
        import numpy as np

        x = _positions(1, self._width, position)
        if position:
            x = x + self._embed(np.array([tokens[-1] for tokens in beam.tokens]))
        cells: list[Floats] = []
        for layer, (cell, seen) in enumerate(zip(beam.cells, memory), start=1):
            forget, new = self._gates(x, layer)
            cells.append(forget * cell + new)
            x, weights = self._above_cell(x, cells[-1], seen, layer)
        return self._log_probabilities(x, output), cells, weights[0]

    def _gates(self, x: Floats, layer: int) -> tuple[Floats, Floats]:
        # What a cell keeps of itself, and what is added to it.
        import numpy as np

        name = f"decoder_l{layer}_rnn"
        forget: Floats = np.reciprocal(1 + np.exp(-self._linear(x, f"{name}_Wf", f"{name}_bf")))
        return forget, (1 - forget) * (x @ self._weights[f"{name}_W"])

    def _above_cell(self, x: Floats, cells: Floats, memory: tuple[Floats, Floats], layer: int) -> tuple[Floats, Floats]:
        # A decoder layer's answer, and how much each head looked at each of the source.
        import numpy as np

        name = f"decoder_l{layer}"
        x = self._normalize_layer(np.maximum(cells, 0) + x, f"{name}_rnn_ffn_ln")
        heard, weights = self._attend(x, *memory, f"{name}_context")
        return self._feed_forward(self._normalize_layer(heard + x, f"{name}_context_Wo_ln"), name), weights

    def _log_probabilities(self, x: Floats, output: tuple[Floats, Floats]) -> Floats:
        import numpy as np

        logits: Floats = x @ output[0] + output[1]
        logits -= logits.max(-1, keepdims=True)
        likely: Floats = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
        return likely

    def _embed(self, tokens: Ints) -> Floats:
        scaled: Floats = self._weights["Wemb"][tokens] * self._weights["Wemb"].dtype.type(self._width**0.5)
        return scaled

    def _linear(self, x: Floats, weight: str, bias: str) -> Floats:
        product: Floats = x @ self._weights[weight] + self._weights[bias]
        return product

    def _keys_and_values(self, x: Floats, name: str) -> tuple[Floats, Floats]:
        def heads(part: str) -> Floats:
            flat = self._linear(x, f"{name}_W{part}", f"{name}_b{part}")
            return flat.reshape(len(x), HEADS, -1).transpose(1, 0, 2)

        return heads("k").transpose(0, 2, 1), heads("v")

    def _attend(self, x: Floats, keys: Floats, values: Floats, name: str) -> tuple[Floats, Floats]:
        # The answer, and the weights: heads, answers, what they look at.
        import numpy as np

        queries = self._linear(x, f"{name}_Wq", f"{name}_bq").reshape(len(x), HEADS, -1).transpose(1, 0, 2)
        weights = queries @ keys * np.float32((self._width / HEADS) ** -0.5)
        weights = np.exp(weights - weights.max(-1, keepdims=True))
        weights /= weights.sum(-1, keepdims=True)
        joined = (weights @ values).transpose(1, 0, 2).reshape(len(x), self._width)
        return self._linear(joined, f"{name}_Wo", f"{name}_bo"), weights

    def _feed_forward(self, x: Floats, name: str) -> Floats:
        import numpy as np

        hidden = np.maximum(self._linear(x, f"{name}_ffn_W1", f"{name}_ffn_b1"), 0)
        answer = self._linear(hidden, f"{name}_ffn_W2", f"{name}_ffn_b2")
        return self._normalize_layer(x + answer, f"{name}_ffn_ffn_ln")

    def _normalize_layer(self, x: Floats, name: str) -> Floats:
        import numpy as np

        centred = x - x.mean(-1, keepdims=True)
        spread = np.sqrt((centred * centred).mean(-1, keepdims=True) + np.float32(1e-9))
        normed: Floats = centred / spread * self._weights[f"{name}_scale"] + self._weights[f"{name}_bias"]
        return normed


class _Shortlist:
    """Which target words can answer a source word (Marian's binary shortlist).

    Header of six uint64 (magic, checksum, frequent words, words a source word, offsets, entries), then uint64
    offsets by source word, then uint32 entries. The first "frequent" words are always allowed.
    """

    def __init__(self, data: bytes) -> None:
        import numpy as np

        magic, _, self._frequent, _, offsets, entries = struct.unpack_from("<6Q", data)
        if magic != SHORTLIST_MAGIC or len(data) != 48 + 8 * offsets + 4 * entries:
            raise ValueError("the shortlist is not one of Marian's")
        self._offsets = np.frombuffer(data, np.uint64, offsets, 48).astype(np.int64)
        self._entries = np.frombuffer(data, np.uint32, entries, 48 + 8 * offsets).astype(np.int64)

    def words(self, source: list[int]) -> Ints:
        """Sorted ids allowed for a sentence: frequent ones, answers, and its own (names are copied)."""
        import numpy as np

        answers = [self._entries[self._offsets[w] : self._offsets[w + 1]] for w in {*source, END}]
        always = [np.arange(self._frequent), np.array(source, np.int64)]
        allowed: Ints = np.unique(np.concatenate([*always, *answers]))
        return np.delete(allowed, np.flatnonzero(allowed == UNKNOWN))


def _only(folder: Path, pattern: str) -> Path:
    found = sorted(folder.glob(pattern))
    if len(found) != 1:
        raise ValueError(f"{folder} must hold one {pattern}, and holds {len(found)}")
    return found[0]


def _positions(length: int, width: int, start: int = 0) -> Floats:
    import numpy as np

    half = width // 2
    pace = np.exp(-np.log(10000.0) / (half - 1) * np.arange(half))
    angles = np.arange(start, start + length)[:, None] * pace[None]
    return np.concatenate([np.sin(angles), np.cos(angles)], 1).astype(np.float32)


def _read_weights(data: bytes) -> dict[str, Floats]:
    """Marian's binary container, widened to float32.

    uint64 version (1) and count; per tensor four uint64 (name length, type, rank, byte length); names ending
    in NUL; int32 shapes; a uint64 padding; then the data. An int8 matrix is followed by its float32 scale,
    and all but the embeddings lie transposed.
    """
    import numpy as np

    version, count = struct.unpack_from("<2Q", data)
    if version != 1 or not 0 < count < 10_000:
        raise ValueError("the weights are not Marian's binary format")
    headers = [struct.unpack_from("<4Q", data, 16 + 32 * i) for i in range(count)]
    at = 16 + 32 * count
    names, shapes = [], []
    for length, _, _, _ in headers:
        names.append(data[at : at + length - 1].decode())
        at += length
    for _, _, rank, _ in headers:
        shapes.append(struct.unpack_from(f"<{rank}i", data, at))
        at += 4 * rank
    at += 8 + struct.unpack_from("<Q", data, at)[0]
    weights: dict[str, Floats] = {}
    for (_, kind, _, size), name, shape in zip(headers, names, shapes):
        items = int(np.prod(shape))
        if kind == FLOAT32:
            # Biases and scales are rows of one: flat, they broadcast.
            weights[name] = np.frombuffer(data, np.float32, items, at).reshape(-1).copy()
        elif kind != INT8:
            matrix = np.frombuffer(data, np.int8, items, at).astype(np.float32)
            matrix /= struct.unpack_from("<f", data, at + items)[0]
            weights[name] = matrix.reshape(shape) if name == "Wemb" else matrix.reshape(shape[::-1]).T.copy()
        at += size
    return weights
