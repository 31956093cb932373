"""Give every new .avsc file an id in ids.lock; ids once given are never changed.

``python tools/lock_schemas.py`` appends; ``--draft`` also accepts edits of files that are in no
release yet.
"""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT)]

from hutong.events.schemas import LockLine, digest_of, read_lock, schema_files  # noqa: E402

HEADER = (
    "# Schema ids on the wire: id, Avro full name, version, SHA-256 of the file. Append only.\n"
)


def main() -> int:
    """Bring ids.lock up to date; 1 when a locked file was edited and --draft is not given."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draft", action="store_true", help="accept edits of unreleased files")
    draft = parser.parse_args().draft
    contract = ROOT / "schemas" / "hutong_schemas"
    lock = contract / "ids.lock"
    lines = {
        (line.name, line.version): line
        for line in read_lock(lock.read_text() if lock.exists() else "")
    }
    next_id = max((line.id for line in lines.values()), default=0) + 1
    for name, version, file in schema_files(contract):
        digest, known = digest_of(file.read_bytes()), lines.get((name, version))
        if known is None:
            lines[name, version] = LockLine(next_id, name, version, digest)
            next_id += 1
        elif known.digest != digest:
            if not draft:
                print(
                    f"{name}/{version} is locked and was edited: add version {version + 1} instead."
                )
                return 1
            lines[name, version] = LockLine(known.id, name, version, digest)
    lock.write_text(
        HEADER + "".join(f"{line}\n" for line in sorted(lines.values(), key=lambda x: x.id))
    )
    print(f"{len(lines)} schemas in {lock.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
