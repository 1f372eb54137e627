"""The folder of a pre-trained BERT."""

from pathlib import Path

from blogkit.datasets.catalogue import OFFICIAL, data_set, missing

PRESET = "preset"  # data_download converts Google's checkpoint into it


def bert_weights(source="official") -> Path:
    """A folder that `blogkit.models.bert.bert_encoder` loads, with the `vocab.txt` of `bert_vocabulary`.

    Args:
        source: `"official"`: Google's Chinese BERT in the data folder, as `python -m
            data_download get chinese_bert` converts it. Else such a folder (config.json,
            weights, vocab.txt).

    Raises:
        MissingDataset: If the official weights are not there; says how to get them.
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
                "A folder of BERT needs config.json, weights and vocab.txt. Received: "
                f"{str(folder)!r}, without {name}. "
                "Give another folder, or 'official'."
            )
    return folder
