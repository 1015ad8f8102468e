"""Writes a tiny Llama with random weights, a byte-level tokenizer and a chat template into the folder argv[1]."""

import sys

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import GenerationConfig, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

folder = sys.argv[1]
SPECIAL = ["<s>", "</s>", "<pad>"]
VOCABULARY = 320

tokenizer = Tokenizer(models.BPE())
tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
tokenizer.decoder = decoders.ByteLevel()
trainer = trainers.BpeTrainer(
    vocab_size=VOCABULARY,
    special_tokens=SPECIAL,
    # Every byte is a token, so that any text can be asked about.
    initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
)
tokenizer.train_from_iterator(
    ["The agent leases a shard, keeps the engine busy and writes what is finished to the segment of the batch."] * 4,
    trainer,
)
fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", pad_token="<pad>")
fast.chat_template = (
    "{{ bos_token }}{% for message in messages %}{{ message['role'] + ': ' + message['content'] + '\\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ 'assistant: ' }}{% endif %}"
)
fast.save_pretrained(folder)

torch.manual_seed(0)
config = LlamaConfig(
    vocab_size=VOCABULARY,
    hidden_size=128,
    intermediate_size=256,
    num_hidden_layers=2,
    # vLLM's attention on the CPU takes heads of 32, 64, 80 and more.
    num_attention_heads=4,
    num_key_value_heads=4,
    max_position_embeddings=2048,
    bos_token_id=0,
    eos_token_id=1,
    pad_token_id=2,
    tie_word_embeddings=True,
)
model = LlamaForCausalLM(config).to(torch.bfloat16)
model.generation_config = GenerationConfig(bos_token_id=0, eos_token_id=1, pad_token_id=2)
model.save_pretrained(folder)
