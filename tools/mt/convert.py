"""The trained weights as others read them: a CTranslate2 int8 folder to ship, a transformers folder to look at."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np

from . import corpus, vocab, weights
from .recipe import Recipe
from .shape import Floats, Shape, of, sinusoids

PAD = "<pad>"


def averaged(work: Path, kept: float = 0.0) -> dict[str, Floats]:
    """The running average of a checkpoint, with what was not trained; the seed's where nothing is trained yet.

    Args:
        work: where training leaves its checkpoint.
        kept: share of the seed's weights mixed in: what was learned without what was forgotten (Wortsman et al. 2022,
            arXiv:2109.01903).
    """
    seed = weights.load(work / "seed.safetensors")[0]
    if not (work / "checkpoint.safetensors").is_file():
        return seed
    tensors, _ = weights.load(work / "checkpoint.safetensors")
    own = {name.removeprefix("weights."): t for name, t in tensors.items() if name.startswith("weights.")}
    own |= {name.removeprefix("average."): t for name, t in tensors.items() if name.startswith("average.")}
    return {name: kept * seed[name] + (1 - kept) * tensor for name, tensor in own.items()}


def spelled(recipe: Recipe, work: Path) -> tuple[list[str], list[str]]:
    """Every token of the source and of the target, in order; a control token is written "<register:tu>"."""
    return vocab.names(work / "source.spm"), [*vocab.names(work / "target.spm"), *(f"<{tag}>" for tag in recipe.tags)]


def to_ctranslate2(recipe: Recipe, work: Path, out: Path, tensors: dict[str, Floats]) -> None:
    """Write an int8 folder: model.bin, config.json, vocabularies and SentencePiece models.

    Args:
        recipe: the language pair.
        work: where the SentencePiece models are.
        out: the folder; what was there goes.
        tensors: the network's, see `averaged`.
    """
    from ctranslate2.specs import TransformerSpec
    from ctranslate2.specs.common_spec import Activation

    source, target = spelled(recipe, work)
    shape = of(tensors)
    spec: Any = TransformerSpec.from_config(
        (shape.encoder, shape.decoder), shape.heads, pre_norm=False, activation=Activation.RELU
    )
    spec.decoder.start_from_zero_embedding = True
    for side, own, depth in (("encoder", spec.encoder, shape.encoder), ("decoder", spec.decoder, shape.decoder)):
        own.scale_embeddings = True
        embeddings = own.embeddings[0] if isinstance(own.embeddings, list) else own.embeddings
        embeddings.weight = _plain(tensors[f"model.{side}.embed_tokens.weight"])
        own.position_encodings.encodings = sinusoids(shape.width)
        for at in range(depth):
            _fill(own.layer[at], f"model.{side}.layers.{at}.", tensors)
    spec.decoder.projection.weight = spec.decoder.embeddings.weight
    spec.decoder.projection.bias = _mute(recipe, tensors["final_logits_bias"])[0]
    spec.register_source_vocabulary(source)
    spec.register_target_vocabulary(target)
    for key, value in {"unk": "<unk>", "bos": "<s>", "eos": "</s>"}.items():
        setattr(spec.config, f"{key}_token", value)
    spec.config.decoder_start_token = "</s>"
    # The engine asks a folder outside the catalogue which pair it translates.
    spec.config.add_attribute("source_language", recipe.source)
    spec.config.add_attribute("target_language", recipe.target)
    spec.config.add_attribute("wishes", [tag for tag in recipe.tags if tag not in recipe.withheld])
    # Firefox's models are taught where to look, and what grew from them still looks there.
    spec.config.add_attribute("aligned", True)
    spec.config.add_source_eos = spec.config.add_source_bos = False
    spec.validate()
    spec.optimize(quantization="int8")
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    spec.save(str(out))
    for name in ("source.spm", "target.spm"):
        shutil.copy(work / name, out / name)
    if recipe.phrases:
        shutil.copy(corpus.find(recipe.phrases, work), out / "phrases.txt")


def _mute(recipe: Recipe, bias: Floats) -> Floats:
    # Control tokens are given to the decoder, never chosen by it; what it is made to begin with is not scored.
    muted = _plain(bias)
    muted[:, len(bias[0]) - len(recipe.tags) :] = -1e4
    return muted


def _plain(tensor: Floats) -> Floats:
    # A copy: quantisation writes into what it is given, and these may be weights in training.
    return np.array(tensor, order="C")


def _fill(layer: Any, base: str, tensors: dict[str, Floats]) -> None:
    def linear(spec: Any, *names: str) -> None:
        spec.weight = _plain(np.concatenate([tensors[f"{base}{name}.weight"] for name in names]))
        spec.bias = _plain(np.concatenate([tensors[f"{base}{name}.bias"] for name in names]))

    def norm(spec: Any, name: str) -> None:
        spec.gamma, spec.beta = _plain(tensors[f"{base}{name}.weight"]), _plain(tensors[f"{base}{name}.bias"])

    own = layer.self_attention
    linear(own.linear[0], *(f"self_attn.{part}_proj" for part in "qkv"))
    linear(own.linear[1], "self_attn.out_proj")
    norm(own.layer_norm, "self_attn_layer_norm")
    if hasattr(layer, "attention"):
        linear(layer.attention.linear[0], "encoder_attn.q_proj")
        linear(layer.attention.linear[1], "encoder_attn.k_proj", "encoder_attn.v_proj")
        linear(layer.attention.linear[2], "encoder_attn.out_proj")
        norm(layer.attention.layer_norm, "encoder_attn_layer_norm")
    linear(layer.ffn.linear_0, "fc1")
    linear(layer.ffn.linear_1, "fc2")
    norm(layer.ffn.layer_norm, "final_layer_norm")


def to_transformers(recipe: Recipe, work: Path, out: Path, tensors: dict[str, Floats]) -> None:
    """Write a folder that `MarianMTModel.from_pretrained` and `MarianTokenizer.from_pretrained` load.

    transformers knows one padding id for both sides, so `<pad>` is put where the target's tokens end; source pieces
    from there on move up by one. Its embedding is zero, which is how a Marian decoder starts.
    """
    from safetensors.numpy import save_file

    source, target = spelled(recipe, work)
    shape = of(tensors)
    pad = shape.target
    source.insert(pad, PAD) if len(source) > pad else source.extend([*_unused(pad - len(source)), PAD])
    encoder = tensors["model.encoder.embed_tokens.weight"]
    missing = np.zeros((max(0, pad - len(encoder)), shape.width), np.float32)
    whole = np.concatenate([encoder[:pad], missing, np.zeros((1, shape.width), np.float32), encoder[pad:]])
    decoder = np.concatenate([tensors["model.decoder.embed_tokens.weight"], np.zeros((1, shape.width), np.float32)])
    bias = np.concatenate([_mute(recipe, tensors["final_logits_bias"]), np.full((1, 1), -1e4, np.float32)], 1)
    tensors = tensors | {
        "model.encoder.embed_tokens.weight": whole,
        "model.decoder.embed_tokens.weight": decoder,
        "final_logits_bias": bias,
    }
    out.mkdir(parents=True, exist_ok=True)
    save_file(
        {name: np.ascontiguousarray(t) for name, t in tensors.items()},
        out / "model.safetensors",
        metadata={"format": "pt"},
    )
    for name, words in (("vocab.json", source), ("target_vocab.json", [*target, PAD])):
        ids = {word: at for at, word in enumerate(words)}
        (out / name).write_text(json.dumps(ids, ensure_ascii=False), encoding="utf-8")
    for name in ("source.spm", "target.spm"):
        shutil.copy(work / name, out / name)
    (out / "config.json").write_text(json.dumps(_config(shape, len(whole)), indent=1), encoding="utf-8")
    generation = {
        "bad_words_ids": [[pad]],
        "num_beams": 4,
        "max_length": 256,
        "pad_token_id": pad,
        "eos_token_id": 0,
        "decoder_start_token_id": pad,
    }
    (out / "generation_config.json").write_text(json.dumps(generation, indent=1), encoding="utf-8")
    tokenizer = {
        "separate_vocabs": True,
        "source_lang": recipe.source,
        "target_lang": recipe.target,
        "pad_token": PAD,
        "eos_token": "</s>",
        "unk_token": "<unk>",
        "tokenizer_class": "MarianTokenizer",
        "model_max_length": 512,
    }
    (out / "tokenizer_config.json").write_text(json.dumps(tokenizer, indent=1), encoding="utf-8")


def _unused(count: int) -> list[str]:
    return [f"<unused{at}>" for at in range(count)]


def _config(shape: Shape, source: int) -> dict[str, Any]:
    return {
        "model_type": "marian",
        "architectures": ["MarianMTModel"],
        "vocab_size": source,
        "decoder_vocab_size": shape.target + 1,
        "share_encoder_decoder_embeddings": False,
        "tie_word_embeddings": True,
        "d_model": shape.width,
        "encoder_layers": shape.encoder,
        "decoder_layers": shape.decoder,
        "encoder_attention_heads": shape.heads,
        "decoder_attention_heads": shape.heads,
        "encoder_ffn_dim": shape.inner,
        "decoder_ffn_dim": shape.inner,
        "activation_function": "relu",
        "scale_embedding": True,
        "static_position_embeddings": True,
        "normalize_before": False,
        "max_position_embeddings": 512,
        "dropout": 0.1,
        "attention_dropout": 0.0,
        "pad_token_id": shape.target,
        "eos_token_id": 0,
        "forced_eos_token_id": 0,
        "decoder_start_token_id": shape.target,
        "torch_dtype": "float32",
    }


def sums(folder: Path) -> dict[str, tuple[str, int]]:
    """SHA-256 and bytes of every file of a folder."""
    files = sorted(path for path in folder.iterdir() if path.is_file())
    return {path.name: (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_size) for path in files}
