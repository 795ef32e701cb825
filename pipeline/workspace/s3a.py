"""S3 through Hadoop's S3A: which jars Spark needs for it, how it is set, what its errors mean.

    python -m pipeline.workspace.s3a                     prints what to give spark-submit
    python -m pipeline.workspace.s3a --fetch build/jars  puts the jars there, once

Where S3 is and who asks is said in Hadoop's own terms (``spark.hadoop.fs.s3a.endpoint``, keys
in the environment or in ``fs.s3a.access.key``), as for every other program on the cluster.
``[read.s3]`` of a run's configuration is about WARC files, which mostly lie with another
provider or in another account than the workspace.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.base.errors import MathmineError, SetupError, WorkspaceError
from pipeline.base.java import java_home
from pipeline.base.program import Parser, run_program

if TYPE_CHECKING:
    from pyspark import SparkContext

#: The SDK first: without it the file system cannot even be looked for.
_NEEDED = ("software.amazon.awssdk.services.s3.S3Client", "org.apache.hadoop.fs.s3a.S3AFileSystem")
#: What Hadoop reads with unless told otherwise, and what it can do without.
_STREAMS = "software.amazon.s3.analyticsaccelerator.S3SeekableInputStreamFactory"
_COMMITTERS = "org.apache.spark.internal.io.cloud"
_PROTOCOL = "spark.sql.sources.commitProtocolClass"
#: The committers have not been published for each Spark; these run on Spark 4.3, too.
_COMMITTERS_VERSION = "4.1.2"
#: What the committers would bring along for other clouds, in versions that are not this Spark's.
_EXCLUDED = "com.*:* joda-time:* *:http* *:jetty* *:hadoop-az* *:hadoop-c* *:hadoop-h*"

#: Files are uploaded in parts that become files when the job commits: no renames, which copy.
_SQL_SETTINGS = {
    _PROTOCOL: f"{_COMMITTERS}.PathOutputCommitProtocol",
    "spark.sql.parquet.output.committer.class": f"{_COMMITTERS}.BindingParquetOutputCommitter",
}
_HADOOP_SETTINGS = {
    "fs.s3a.committer.name": "magic",
    # Parts that a killed run left behind go with the folder that they were meant for.
    "fs.s3a.directory.operations.purge.uploads": "true",
}
#: A wrong address is told in seconds. A run at work has Hadoop's own patience, of minutes.
_FIRST_CONTACT = {
    "fs.s3a.attempts.maximum": "1",
    "fs.s3a.retry.limit": "1",
    "fs.s3a.connection.establish.timeout": "10s",
}


def packages() -> str:
    """The value of ``--packages``: what fits the jars of the Spark that is installed."""
    scala = _version(r"spark-core_(.+?)-.+\.jar")
    return (
        f"org.apache.hadoop:hadoop-aws:{_hadoop_version()},"
        f"org.apache.spark:spark-hadoop-cloud_{scala}:{_COMMITTERS_VERSION}"
    )


def submit_arguments() -> list[str]:
    """What spark-submit has to be given for S3: the packages, and what not to fetch with them."""
    return ["--packages", packages(), "--exclude-packages", _EXCLUDED.replace(" ", ",")]


def jars_missing(missing: str) -> SetupError:
    """The error for a Spark that lacks a class, with the very command that helps."""
    return SetupError(
        missing,
        expected=f"the jars of {packages().replace(',', ' and ')}, and what they need",
        remedy="run make jars, once: make uses them for every workspace on S3; or have Spark fetch "
        f'them: SPARK_ARGS="{shlex.join(submit_arguments())}"; or give them as --jars',
    )


def prepare(context: SparkContext, uri: str) -> None:
    """Make Spark ready for a workspace at ``uri``, and see that it is reached.

    What is set already, by ``--conf`` or in Hadoop's files, stays. Raises ``SetupError``
    without the jars or keys, ``WorkspaceError`` where the bucket cannot be used.
    """
    from pyspark.sql import SparkSession

    assert context._jsc is not None
    hadoop = context._jsc.hadoopConfiguration()
    for name in _NEEDED:
        if hadoop.getClassByNameOrNull(name) is None:
            raise jars_missing(f"Spark has no S3A file system, which {uri} needs: no {name}")
    session = SparkSession.builder.getOrCreate()
    given = context.getConf()
    if not given.contains(_PROTOCOL):
        for key, value in _SQL_SETTINGS.items():
            if hadoop.getClassByNameOrNull(value) is None:
                raise jars_missing(f"Spark has no committer for S3, which {uri} needs: no {value}")
            session.conf.set(key, given.get(key) or value)
    settings = dict(_HADOOP_SETTINGS)
    if hadoop.getClassByNameOrNull(_STREAMS) is None:
        settings["fs.s3a.input.stream.type"] = "classic"
    for key, value in settings.items():
        if list(hadoop.getPropertySources(key) or ["core-default.xml"]) == ["core-default.xml"]:
            hadoop.set(key, value)
    _reach(context, hadoop, uri)


def _reach(context: SparkContext, hadoop: Any, uri: str) -> None:
    java: Any = context._jvm
    hasty = java.org.apache.hadoop.conf.Configuration(hadoop)
    for key, value in _FIRST_CONTACT.items():
        hasty.set(key, value)
    path = java.org.apache.hadoop.fs.Path(uri)
    system = java.org.apache.hadoop.fs.FileSystem.newInstance(path.toUri(), hasty)
    try:
        system.exists(path)
    finally:
        system.close()


def in_our_terms(text: str) -> MathmineError | None:
    """The error under one of Hadoop's about S3; None for any other."""
    if "fs.s3a.S3AFileSystem not found" in text:
        return jars_missing("Spark has no S3A file system")
    for pattern, kind, meaning, remedy in _ERRORS:
        match = re.search(pattern, text)
        if match:
            end = text.find("\n", match.end())
            cause = text[match.start() : end if end > 0 else None]
            return kind(f"{meaning}: {cause[:400]}", remedy=remedy)
    return None


_AT = "spark.hadoop.fs.s3a.endpoint and spark.hadoop.fs.s3a.endpoint.region"
#: Pattern of what Hadoop says, and what we say.
_ERRORS: tuple[tuple[str, type[MathmineError], str, str], ...] = (
    (
        r"NoA(?:uthWithAWS|wsCredentials)Exception|CredentialInitializationException",
        SetupError,
        "no keys for S3",
        "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or spark.hadoop.fs.s3a.access.key and "
        "spark.hadoop.fs.s3a.secret.key, or spark.hadoop.fs.s3a.aws.credentials.provider (--conf)",
    ),
    (
        r"UnknownStoreException",
        WorkspaceError,
        "there is no such bucket on S3",
        f"make the bucket, or mend its name; for another server than AWS's see {_AT} (--conf)",
    ),
    (
        r"AccessDeniedException: s3a:",
        WorkspaceError,
        "S3 refuses access",
        "give these keys the right to list, read, write and delete there, or use others",
    ),
    (
        r"(?:Connect|UnknownHost|NoRouteToHost|SocketTimeout|ConnectTimeout)Exception: .*s3a:",
        WorkspaceError,
        "S3 cannot be reached",
        f"see {_AT} (--conf), and run the same command again: what was committed is kept",
    ),
    (
        r"org\.apache\.hadoop\.fs\.s3a\.AWS\w+Exception",
        WorkspaceError,
        "S3 does not do what it is asked",
        f"see {_AT} (--conf), and run the same command again: what was committed is kept",
    ),
)


def fetch(folder: Path) -> None:
    """Put the jars into ``folder``, all or none; nothing is done where they are.

    Spark's own Ivy fetches them, from where it is set up to: Maven Central, or
    DEFAULT_ARTIFACT_REPOSITORY. About 700 MB. ``SetupError`` says why it could not.
    """
    if any(folder.glob(f"*hadoop-aws-{_hadoop_version()}.jar")):
        return
    folder = folder.resolve()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="ivy-") as ivy:
        nothing = Path(ivy) / "nothing.py"
        nothing.touch()
        command = [str(spark_home() / "bin" / "spark-submit"), *submit_arguments()]
        command += ["--conf", f"spark.jars.ivy={ivy}", str(nothing)]
        process = subprocess.run(  # noqa: S603 - the Spark that is installed
            command,
            capture_output=True,
            text=True,
            check=False,
            env=os.environ | {"JAVA_HOME": str(java_home()), "PYSPARK_PYTHON": sys.executable},
        )
        if process.returncode:
            problem = re.search(r'Exception in thread "main" (.+)', process.stderr)
            cause = problem[1] if problem else process.stderr
            raise SetupError(
                f"the jars for S3 could not be fetched: {cause[:1_000]}",
                remedy="see that Maven Central is reached, or set DEFAULT_ARTIFACT_REPOSITORY to "
                "the address of a repository that is",
            )
        shutil.rmtree(folder, ignore_errors=True)
        (Path(ivy) / "jars").rename(folder)


def spark_home() -> Path:
    """The folder of the Spark that is used: SPARK_HOME, else what pip has installed."""
    import pyspark

    return Path(os.environ.get("SPARK_HOME") or next(iter(pyspark.__path__)))


def _hadoop_version() -> str:
    return _version(r"hadoop-client-api-(.+)\.jar")


def _version(pattern: str) -> str:
    """The part in parentheses of the name of a jar that Spark has."""
    for jar in sorted((spark_home() / "jars").glob("*.jar")):
        if match := re.fullmatch(pattern, jar.name):
            return match[1]
    raise SetupError(
        f"{spark_home()} has no jar whose name is like {pattern}",
        remedy="use a Spark with Hadoop, such as that of pip install pyspark",
    )


def main() -> int:
    """Print what spark-submit needs, or fetch it."""
    return run_program(_print_or_fetch)


def _print_or_fetch() -> int:
    parser = Parser(__doc__)
    parser.add_argument("--fetch", type=Path, metavar="FOLDER")
    arguments = parser.parse_args()
    if arguments.fetch:
        fetch(arguments.fetch)
    else:
        print(shlex.join(submit_arguments()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
