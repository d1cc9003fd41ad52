"""A list as Parquet; rows are taken one after the other and not kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from itertools import islice

import pyarrow as pa
import pyarrow.parquet as pq

PARQUET = "application/vnd.apache.parquet"
_GROUP = 5_000
"""Rows of a Parquet file that are in memory at once."""


def parquet_bytes(schema: pa.Schema, rows: Iterable[Sequence[object]]) -> bytes:
    """A group of rows at a time, compressed as it is written."""
    buffer = BytesIO()
    with pq.ParquetWriter(buffer, schema, compression="zstd") as writer:
        for group in _groups(rows):
            columns = zip(*group, strict=True)
            arrays = [pa.array(list(values), field.type) for values, field in zip(columns, schema, strict=True)]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
    return buffer.getvalue()


def schema_of(header: Sequence[str], rows: Sequence[Sequence[object]]) -> pa.Schema:
    """Types as the values have them; a column without any is text."""
    kinds = [pa.array([row[place] for row in rows]).type for place in range(len(header))]
    return pa.schema(
        [(name, pa.string() if pa.types.is_null(kind) else kind) for name, kind in zip(header, kinds, strict=True)]
    )


def _groups(rows: Iterable[Sequence[object]]) -> Iterator[list[Sequence[object]]]:
    several = iter(rows)
    while group := list(islice(several, _GROUP)):
        yield group
