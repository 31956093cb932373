"""The Kafka Streams peer: its jars, pinned and cached as the broker's are, and its class."""

import os
import subprocess
from pathlib import Path

from hutong.local.jars import Jar, kafka_jars

_HERE = Path(__file__).parent


def class_path(folder: Path) -> str:
    """Compile bench/peers/Peer.java into ``folder`` with the JDK's javac; what to give `java -cp`.

    Fetches kafka-streams and avro the first time.
    """
    jars = kafka_jars()
    more = kafka_jars(jars=_pinned(), say=print)
    path = os.pathsep.join([jars.class_path, more.class_path])
    subprocess.run(["javac", "-d", folder, "-cp", path, _HERE / "Peer.java"], check=True)
    return f"{folder}{os.pathsep}{path}"


def _pinned() -> tuple[Jar, ...]:
    lines = (_HERE / "streams.lock").read_text("utf-8").splitlines()
    found = []
    for line in lines:
        if not line.startswith("#"):
            coordinate, size, sha256 = line.split()
            group, artifact, version = coordinate.split(":")
            found.append(Jar(group, artifact, version, int(size), sha256))
    return tuple(found)
