"""Folder with the weights of a pre-trained BERT."""

from pathlib import Path

from blogkit.datasets.catalogue import OFFICIAL, data_set, missing

PRESET = "preset"  # data_download converts Google's checkpoint into it


def bert_weights(source: str | Path = "official") -> Path:
    """Folder that `blogkit.models.bert.bert_encoder` loads; its `vocab.txt` is for `bert_vocabulary`.

    Args:
        source: `"official"`: Google's Chinese BERT in the data folder, as `python -m
            data_download get chinese_bert` converts it. Otherwise the path of such a
            folder (config.json, weights, vocab.txt).

    Raises:
        MissingDataset: If the official weights are missing; says how to get them.
        ValueError: If a given folder lacks config.json or vocab.txt.
    """
    if source == OFFICIAL:
        folder = data_set("chinese_bert").folder / PRESET
        if not (folder / "config.json").is_file():
            raise missing("chinese_bert", folder)
        return folder
    folder = Path(source).expanduser()
    for name in ("config.json", "vocab.txt"):
        if not (folder / name).is_file():
            raise ValueError(
                "`source` must be a folder with config.json, weights and vocab.txt, or 'official'. "
                f"Received: source={str(folder)!r}, without {name}."
            )
    return folder
