"""The dynamics of a zoo as tables: a row a network and quantity, and summed up over the networks of each gamma."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import numpy as np
import pandas as pd

from neurocompare.dynamics.zoo import SHOWN, Entry

FAMILY = tuple(name for name in SHOWN if name not in ("gamma", "seed", "chain", "member"))
"""Settings that set families apart."""


def tidy_table(entries: Sequence[Entry]) -> pd.DataFrame:
    """One row a network and quantity: hash, the settings of its card, quantity, value, error, unit."""
    rows = []
    for entry in entries:
        rows += [{"hash": entry.hash, **entry.settings, **asdict(each)} for each in entry.quantities]
    return pd.DataFrame(rows)


def summary_table(table: pd.DataFrame) -> pd.DataFrame:
    """Mean over the networks of each family and gamma, one row a quantity.

    Networks of one chain are not independent: the standard error is that of the means of chains, missing where there
    is one chain only. Networks for which a quantity is not defined are left out, and `networks` counts the others.

    Parameters
    ----------
    table : pandas.DataFrame
        See `tidy_table`.

    Returns
    -------
    pandas.DataFrame
        Settings of the family, gamma, quantity, mean, error, networks, unit.
    """
    keys = [*FAMILY, "gamma", "quantity", "unit"]
    defined = table.dropna(subset="value")
    chains = defined.groupby([*keys, "seed", "chain"], sort=False)["value"].agg(["mean", "size"]).reset_index()
    rows = []
    for labels, group in chains.groupby(keys, sort=False):
        error = float(group["mean"].std(ddof=1) / np.sqrt(len(group))) if len(group) > 1 else np.nan
        mean = float(np.average(group["mean"], weights=group["size"]))
        rows.append(
            dict(zip(keys, labels, strict=True)) | {"mean": mean, "error": error, "networks": int(group["size"].sum())}
        )
    return pd.DataFrame(rows)


def family_names(table: pd.DataFrame) -> pd.Series:
    """Name the family of each row by the settings that differ in the table, such as ``"g 1.5, tau 0.1"``.

    Examples
    --------
    >>> family_names(pd.DataFrame({name: [1.0, 1.0] for name in FAMILY} | {"g": [1.2, 1.5]})).tolist()
    ['g 1.2', 'g 1.5']
    """
    # At gamma = 0 every method is the reservoir: that alone makes no family.
    learned = table if not ("gamma" in table and (table["gamma"] > 0).any()) else table[table["gamma"] > 0]
    varied = [name for name in FAMILY if learned[name].nunique() > 1]
    columns = [table[name].map(lambda value, name=name: _named(name, value)) for name in varied]
    return pd.Series([", ".join(parts) for parts in zip(*columns, strict=True)] if columns else "", index=table.index)


def _named(name: str, value: object) -> str:
    text = f"{value:g}" if isinstance(value, int | float) else str(value)
    return text if name in ("method", "nonlinearity") else f"{name.replace('_', ' ')} {text}"
