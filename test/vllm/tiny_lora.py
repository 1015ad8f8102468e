"""Writes a LoRA adapter for the tiny Llama into the folder argv[1], of rank argv[2]: strong enough to change what it says."""

import json
import os
import sys

import numpy
from safetensors.numpy import save_file

folder, rank = sys.argv[1], int(sys.argv[2])
HIDDEN = 128
LAYERS = 2
TARGETS = ["q_proj", "v_proj"]

random = numpy.random.default_rng(7)


def matrix(*shape):
    return random.normal(0, 2, shape).astype(numpy.float32)


weights = {}
for layer in range(LAYERS):
    for target in TARGETS:
        name = f"base_model.model.model.layers.{layer}.self_attn.{target}"
        weights[f"{name}.lora_A.weight"] = matrix(rank, HIDDEN)
        weights[f"{name}.lora_B.weight"] = matrix(HIDDEN, rank)

os.makedirs(folder, exist_ok=True)
save_file(weights, os.path.join(folder, "adapter_model.safetensors"))
with open(os.path.join(folder, "adapter_config.json"), "w") as file:
    config = {"peft_type": "LORA", "task_type": "CAUSAL_LM", "r": rank, "lora_alpha": rank, "target_modules": TARGETS}
    json.dump({**config, "bias": "none", "base_model_name_or_path": "tiny"}, file)
