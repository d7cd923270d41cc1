"""Signatures of the data team: which deliveries somebody has looked at as they stand, and which nobody has.

Here: decisions, what a signature covers, what is unsigned. Not here: writing a signature (the pipeline), the page.
account of files + signatures -> the standing signature of each file -> deliveries without one

A signature is for the content that was delivered: once the delivery comes again with another content, it needs a new
one. It covers the whole delivery, or one file of it. Of several the last one counts.
"""

import pandas as pd

DECISIONS = {"accepted": "接收", "returned": "退回", "rule_change": "改规则"}
_KEY = ["source", "delivery_date"]
_TOLD = ["decision", "signed_by", "note", "signed_at"]


def decision_of(word: str) -> str:
    """Returns the code of a decision given as code or in Chinese.

    Raises:
        ValueError: neither; the sentence lists what there is.
    """
    codes = {**{code: code for code in DECISIONS}, **{name: code for code, name in DECISIONS.items()}}
    if word not in codes:
        known = "、".join(f"{name}（{code}）" for code, name in DECISIONS.items())
        raise ValueError(f"没有“{word}”这种决定；应为：{known}")
    return codes[word]


def standing(files: pd.DataFrame, signature: pd.DataFrame) -> pd.DataFrame:
    """Returns ``files`` with the last signature of each in its present content, empty where there is none.

    Args:
        files: one row per file with source, delivery_date, file, content_signature (view ``delivery``).
        signature: source, delivery_date, file (empty: the whole delivery), content_signature, decision, signed_by,
            note, signed_at (view ``signature``).

    Returns:
        The rows of ``files`` in their order and index, with decision, signed_by, note, signed_at.
    """
    left = files.assign(delivery_date=pd.to_datetime(files["delivery_date"]), row=range(len(files)))
    right = signature.assign(
        delivery_date=pd.to_datetime(signature["delivery_date"]), order=range(len(signature))
    ).rename(columns={"file": "signed_file"})
    both = left[["row", *_KEY, "file", "content_signature"]].merge(right, on=[*_KEY, "content_signature"])
    both = both.loc[both["signed_file"].isna() | (both["signed_file"] == both["file"])]
    last = both.sort_values(["row", "signed_at", "order"], kind="stable").drop_duplicates("row", keep="last")
    told = left[["row"]].merge(last[["row", *_TOLD]], on="row", how="left")
    return files.drop(columns=[name for name in _TOLD if name in files]).assign(
        **{name: told[name].to_numpy() for name in _TOLD}
    )


def unsigned(files: pd.DataFrame, signature: pd.DataFrame) -> pd.DataFrame:
    """Returns the deliveries of which at least one file has no signature in its present content.

    Args:
        files: as for `standing`.
        signature: as for `standing`.

    Returns:
        One row per delivery, newest first: source, delivery_date, files, unsigned_files, and was_signed: an earlier
        content of it had been signed.
    """
    seen = standing(files, signature)
    grouped = seen.assign(is_open=seen["decision"].isna(), delivery_date=pd.to_datetime(seen["delivery_date"])).groupby(
        _KEY, as_index=False
    )
    found = grouped.agg(files=("file", "size"), unsigned_files=("is_open", "sum"))
    found = found.loc[found["unsigned_files"] > 0].astype({"unsigned_files": "int64"})
    former = signature.assign(delivery_date=pd.to_datetime(signature["delivery_date"]))[_KEY].drop_duplicates()
    found = found.merge(former.assign(was_signed=True), on=_KEY, how="left")
    found["was_signed"] = found["was_signed"].fillna(False).astype(bool)
    return found.sort_values(["delivery_date", "source"], ascending=[False, True], ignore_index=True)
