"""Tiny models with random weights, built where a test needs them: the real code of each package, in miniature."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
LETTERS = "abcdefghijklmnopqrstuvwxyzáéíóúñü"


def relaid(file: Path) -> Path:
    """The embedded Whisper base as an openai-whisper checkpoint."""
    sys.path.insert(0, str(ROOT / "tools"))
    try:
        from relay_whisper import write
    finally:
        sys.path.remove(str(ROOT / "tools"))
    from localize.models import Models

    write(file, Models())
    return file


def marian_int8(folder: Path) -> Path:
    """`marian`, made int8 as `localize models pull` does."""
    import pytest

    pytest.importorskip("transformers", reason="to make an int8 model takes the extra marian")
    from localize.engines.marian_ct2 import convert

    convert(marian(folder))
    return folder


def vits(folder: Path) -> Path:
    """A single-voice VITS of Coqui TTS that speaks Spanish letters: noise, but real network, files and lengths."""
    from localize.engines.torch_sound import load_torchaudio

    load_torchaudio()
    import torch
    from TTS.tts.configs.shared_configs import CharactersConfig
    from TTS.tts.configs.vits_config import VitsConfig
    from TTS.tts.models.vits import Vits, VitsArgs

    torch.manual_seed(7)
    arguments = VitsArgs(
        hidden_channels=32, hidden_channels_ffn_text_encoder=64, num_heads_text_encoder=2, num_layers_text_encoder=1,
        num_layers_posterior_encoder=1, num_layers_flow=1, upsample_initial_channel_decoder=64,
        use_sdp=False, init_discriminator=False,
    )  # fmt: skip
    config = VitsConfig(
        model_args=arguments,
        characters=CharactersConfig(
            pad="<PAD>",
            eos="<EOS>",
            bos="<BOS>",
            blank="<BLNK>",
            characters=LETTERS,
            punctuations=" ¡!¿?.,;:",
            phonemes=None,
        ),
        use_phonemes=False,
        text_cleaner="multilingual_cleaners",
        add_blank=True,
    )
    model = Vits(config)
    with torch.no_grad():  # about five frames a letter, and loud enough to be heard
        model.duration_predictor.proj.bias.fill_(1.6)
        model.waveform_decoder.conv_post.weight_v.mul_(20) if hasattr(
            model.waveform_decoder.conv_post, "weight_v"
        ) else None
    folder.mkdir(parents=True)
    torch.save({"model": model.state_dict()}, folder / "model.pth")
    config.save_json(str(folder / "config.json"))
    return folder


def xtts(folder: Path) -> Path:
    """An XTTS of two small layers; it never finds an end, so the engine's own limit is what stops it."""
    from localize.engines.torch_sound import load_torchaudio

    load_torchaudio()
    import torch
    from tokenizers import Tokenizer
    from tokenizers.models import BPE
    from TTS.tts.configs.xtts_config import XttsConfig
    from TTS.tts.models.xtts import Xtts, XttsArgs

    folder.mkdir(parents=True)
    words = ["[UNK]", "[START]", "[STOP]", "[SPACE]", "[es]", "[en]", *LETTERS, *".,;:!?¡¿'-"]
    tokenizer = Tokenizer(BPE({word: n for n, word in enumerate(words)}, [], unk_token="[UNK]"))
    tokenizer.add_special_tokens(words[:6])
    tokenizer.save(str(folder / "vocab.json"))
    torch.manual_seed(7)
    arguments = XttsArgs(
        gpt_layers=2, gpt_n_model_channels=64, gpt_n_heads=2, gpt_number_text_tokens=len(words),
        gpt_start_text_token=1, gpt_stop_text_token=2, gpt_num_audio_tokens=66, gpt_start_audio_token=64,
        gpt_stop_audio_token=65, gpt_max_audio_tokens=605, decoder_input_dim=64,
    )  # fmt: skip
    config = XttsConfig(model_args=arguments, languages=["es", "en"])
    model = Xtts(config)
    with torch.no_grad():
        model.gpt.mel_head.bias[65] = -50.0
    torch.save({"model": model.state_dict()}, folder / "model.pth")
    config.save_json(str(folder / "config.json"))
    return folder


def marian(folder: Path, source: str = "en", target: str = "es") -> Path:
    """A MarianMT of one small layer over a vocabulary of its own: it babbles, through all the real code."""
    from localize.engines.torch_sound import load_torchaudio

    load_torchaudio()
    import sentencepiece
    import torch
    from transformers import MarianConfig, MarianMTModel

    folder.mkdir(parents=True)
    text = folder / "text.txt"
    lines = "the train leaves at nine\nwe wait for you at home\ngood morning\nsale a las nueve\nte esperamos en casa\n"
    text.write_text(lines * 20, encoding="utf-8")
    for side in ("source", "target"):
        sentencepiece.SentencePieceTrainer.train(
            input=str(text), model_prefix=str(folder / side), vocab_size=60, hard_vocab_limit=False, minloglevel=9
        )
        (folder / f"{side}.model").replace(folder / f"{side}.spm")
        (folder / f"{side}.vocab").unlink()
    text.unlink()
    pieces: Any = sentencepiece.SentencePieceProcessor(str(folder / "source.spm"))
    words = ["</s>", "<unk>", *(pieces.id_to_piece(n) for n in range(3, pieces.get_piece_size())), "<pad>"]
    (folder / "vocab.json").write_text(json.dumps({w: n for n, w in enumerate(words)}), encoding="utf-8")
    names = {
        "source_lang": source,
        "target_lang": target,
        "tokenizer_class": "MarianTokenizer",
        "model_max_length": 512,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(names), encoding="utf-8")
    torch.manual_seed(7)
    config = MarianConfig(
        vocab_size=len(words), decoder_vocab_size=len(words), d_model=32, encoder_layers=1, decoder_layers=1,
        encoder_attention_heads=2, decoder_attention_heads=2, encoder_ffn_dim=64, decoder_ffn_dim=64,
        pad_token_id=len(words) - 1, eos_token_id=0, decoder_start_token_id=len(words) - 1, forced_eos_token_id=0,
        max_position_embeddings=512, static_position_embeddings=True, scale_embedding=True,
    )  # fmt: skip
    model = MarianMTModel(config)
    model.save_pretrained(folder)
    return folder


def _dialogue_pieces(folder: Path, name: str, kind: str, symbols: list[str]) -> Any:
    """A SentencePiece model over some lines of dialogue, under the name its makers gave theirs."""
    import sentencepiece

    folder.mkdir(parents=True)
    text = folder / "text.txt"
    lines = "the train leaves at nine\nwe wait for you at home\ngood morning\nsale a las nueve\nte esperamos en casa\n"
    text.write_text(lines * 20, encoding="utf-8")
    sentencepiece.SentencePieceTrainer.train(
        input=str(text), model_prefix=str(folder / "made"), vocab_size=90 + len(symbols), hard_vocab_limit=False,
        model_type=kind, user_defined_symbols=symbols, minloglevel=9,
    )  # fmt: skip
    (folder / "made.model").replace(folder / name)
    (folder / "made.vocab").unlink()
    text.unlink()
    return sentencepiece.SentencePieceProcessor(str(folder / name))


def nllb(folder: Path) -> Path:
    """A repository of NLLB-200, file for file: an M2M100 of one small layer that knows all its 202 languages' codes."""
    from localize.engines.torch_sound import load_torchaudio

    load_torchaudio()
    import torch
    from transformers import GenerationConfig, M2M100Config, M2M100ForConditionalGeneration, NllbTokenizer
    from transformers.models.nllb.tokenization_nllb import FAIRSEQ_LANGUAGE_CODES

    pieces = _dialogue_pieces(folder, "sentencepiece.bpe.model", "bpe", [])
    # As fairseq numbers them: four of its own, the pieces without SentencePiece's first three, languages, the mask.
    words = ["<s>", "<pad>", "</s>", "<unk>", *(pieces.id_to_piece(n) for n in range(3, pieces.get_piece_size()))]
    vocabulary = {w: n for n, w in enumerate([*words, *FAIRSEQ_LANGUAGE_CODES, "<mask>"])}
    NllbTokenizer(vocab=vocabulary, merges=[]).save_pretrained(folder)
    names = {"additional_special_tokens": FAIRSEQ_LANGUAGE_CODES, "bos_token": "<s>", "eos_token": "</s>"}
    (folder / "special_tokens_map.json").write_text(json.dumps(names), encoding="utf-8")
    torch.manual_seed(7)
    config = M2M100Config(
        vocab_size=len(vocabulary), d_model=32, encoder_layers=1, decoder_layers=1, encoder_attention_heads=2,
        decoder_attention_heads=2, encoder_ffn_dim=64, decoder_ffn_dim=64, max_position_embeddings=512,
        pad_token_id=1, bos_token_id=0, eos_token_id=2, decoder_start_token_id=2, scale_embedding=True,
        tokenizer_class="NllbTokenizer",
    )  # fmt: skip
    model = M2M100ForConditionalGeneration(config)
    config.architectures = ["M2M100ForConditionalGeneration"]
    config.save_pretrained(folder)
    GenerationConfig(decoder_start_token_id=2, eos_token_id=2, pad_token_id=1).save_pretrained(folder)
    torch.save(model.state_dict(), folder / "pytorch_model.bin")
    return folder


def madlad(folder: Path) -> Path:
    """A repository of MADLAD-400, file for file: a T5 of one small layer with the targets' tokens in its vocabulary."""
    from localize.engines.torch_sound import load_torchaudio

    load_torchaudio()
    import torch
    from transformers import GenerationConfig, T5Config, T5ForConditionalGeneration

    pieces = _dialogue_pieces(folder, "spiece.model", "unigram", [f"<2{language}>" for language in ("en", "es", "pt")])
    rows = [(pieces.id_to_piece(n), pieces.get_score(n)) for n in range(pieces.get_piece_size())]
    _unigram_tokenizer(folder, rows)
    torch.manual_seed(7)
    config = T5Config(
        vocab_size=len(rows), d_model=32, d_kv=16, d_ff=64, num_layers=1, num_decoder_layers=1, num_heads=2,
        feed_forward_proj="gated-gelu", tie_word_embeddings=False, decoder_start_token_id=0, pad_token_id=1,
        eos_token_id=2,
    )  # fmt: skip
    model = T5ForConditionalGeneration(config)
    model.save_pretrained(folder)
    GenerationConfig(decoder_start_token_id=0, eos_token_id=2, pad_token_id=1).save_pretrained(folder)
    return folder


def _unigram_tokenizer(folder: Path, rows: list[tuple[str, float]]) -> None:
    """The tokenizer files of a T5 whose vocabulary begins with <unk>, <s> and </s>."""
    from tokenizers import Tokenizer, pre_tokenizers
    from tokenizers.models import Unigram

    tokenizer = Tokenizer(Unigram(rows, unk_id=0, byte_fallback=False))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.save(str(folder / "tokenizer.json"))
    names = {"eos_token": "</s>", "pad_token": "<s>", "unk_token": "<unk>"}
    (folder / "special_tokens_map.json").write_text(json.dumps(names), encoding="utf-8")
    facts = {**names, "extra_ids": 0, "additional_special_tokens": [], "tokenizer_class": "T5Tokenizer"}
    (folder / "tokenizer_config.json").write_text(json.dumps(facts), encoding="utf-8")


def nllb_int8(folder: Path) -> Path:
    """`nllb`, made int8 as `localize models pull` does."""
    return _int8(nllb, folder)


def madlad_int8(folder: Path) -> Path:
    """`madlad`, made int8 as `localize models pull` does."""
    return _int8(madlad, folder)


def _int8(make: Any, folder: Path) -> Path:
    import pytest

    pytest.importorskip("transformers", reason="to make an int8 model takes the extra marian")
    from localize.engines.multilingual_ct2 import convert

    made = make(folder)
    kept = {path.name for path in convert(made)}
    for path in made.iterdir():
        if path.name not in kept:
            path.unlink()
    return made


def speller(path: Path, says: str) -> Path:
    """A GGUF of the llama architecture that spells one word whatever it is asked, each letter by the one before.

    Its one layer adds nothing, so the next token depends on the last alone. After an opening quote or a chat template's
    "]" comes the word, after its last letter a quote where a grammar wants one, else the end.
    """
    import gguf
    import numpy as np

    letters = ["▁", *map(chr, range(33, 127))]
    tokens = ["<unk>", "<s>", "</s>", *(f"<0x{n:02X}>" for n in range(256)), *letters]
    ids = {token: n for n, token in enumerate(tokens)}
    count, width = len(tokens), -(-len(tokens) // 32) * 32
    file = gguf.GGUFWriter(str(path), "llama")
    file.add_context_length(8192)
    file.add_embedding_length(width)
    file.add_block_count(1)
    file.add_feed_forward_length(32)
    file.add_head_count(4)
    file.add_head_count_kv(4)
    file.add_layer_norm_rms_eps(1e-5)
    file.add_rope_dimension_count(width // 4)
    file.add_vocab_size(count)
    file.add_file_type(gguf.LlamaFileType.ALL_F32)
    file.add_tokenizer_model("llama")
    file.add_token_list(tokens)
    file.add_token_scores([0.0] * count)
    file.add_token_types([2, 3, 3, *[6] * 256, *[1] * len(letters)])  # unknown, control, byte, normal
    file.add_bos_token_id(1)
    file.add_eos_token_id(2)
    file.add_unk_token_id(0)
    file.add_add_space_prefix(False)
    file.add_chat_template("{% for m in messages %}[{{ m.role }}]{{ m.content }}{% endfor %}[assistant]")
    reads = np.eye(count, width, dtype=np.float32)
    writes = np.zeros((count, width), np.float32)
    for before, after in zip(f'"{says}', f'{says}"'):
        writes[ids[after], ids[before]] = 10.0
    writes[ids[says[0]], ids["]"]] = 10.0
    writes[ids["</s>"], ids[says[-1]]] = 20.0
    one, layer = np.ones(width, np.float32), "blk.0"
    file.add_tensor("token_embd.weight", reads)
    file.add_tensor("output.weight", writes)
    for name in ("output_norm", f"{layer}.attn_norm", f"{layer}.ffn_norm"):
        file.add_tensor(f"{name}.weight", one)
    for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
        file.add_tensor(f"{layer}.{name}.weight", np.zeros((width, width), np.float32))
    for name, shape in (("ffn_gate", (32, width)), ("ffn_up", (32, width)), ("ffn_down", (width, 32))):
        file.add_tensor(f"{layer}.{name}.weight", np.zeros(shape, np.float32))
    file.write_header_to_file()
    file.write_kv_data_to_file()
    file.write_tensors_to_file()
    file.close()
    return path
